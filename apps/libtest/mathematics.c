// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <errno.h>
#include <fenv.h>
#include <math.h>

static bool is_near(double value, double wanted) {
    return fabs(value - wanted) <= 1e-14 * fabs(wanted);
}

void check_mathematics(void) {
    volatile double minus = -1, large = 1000, more = 1.1;
    int exponent;
    check(sqrt(2) == 1.4142135623730951 && cbrt(27) == 3 && hypot(3, 4) == 5, "roots");
    check(is_near(sin(1), 0.8414709848078965) && is_near(atan2(1, 2), 0.4636476090008061) &&
              is_near(tan(1e6), -0.3736244539875990),
          "angles");
    check(is_near(exp(log(10)), 10) && pow(2, 10) == 1024 && is_near(log10(1e5), 5) && is_near(tgamma(5), 24),
          "powers");
    check(floor(-1.5) == -2 && ceil(1.2) == 2 && round(2.5) == 3 && trunc(-1.5) == -1 && lround(-2.5) == -3,
          "rounding");
    check(fmod(7, 3) == 1 && fmin(1, 2) == 1 && copysign(1, -0.0) == -1 && fma(2, 3, 4) == 10, "fmod, fmin, copysign");
    check(frexp(8, &exponent) == 0.5 && exponent == 4 && ldexp(0.5, 4) == 8, "frexp, ldexp");
    check(isnan(NAN) && isinf(-INFINITY) && !isfinite(NAN) && signbit(-0.0), "classes");
    check(sqrtf(4) == 2 && powf(2, 3) == 8, "float");
    errno = 0;
    check(isnan(sqrt(minus)) && errno == EDOM, "sqrt(-1) sets errno");
    errno = 0;
    check(isinf(exp(large)) && errno == ERANGE, "exp(1000) sets errno");
    check(fesetround(FE_UPWARD) == 0 && rint(more) == 2 && fesetround(FE_TONEAREST) == 0 && rint(more) == 1,
          "fesetround");
}

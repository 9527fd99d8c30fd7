// SPDX-License-Identifier: MIT
// The kernel's estimator of the clock's rate, against a model of a machine that pauses: at any instruction, for any
// time, in half of all readings and more. What it agrees to is never off by more than CALIBRATION_ERROR.
#include "check.h"

#include "../../kernel/x86_64/calibrate.c"

#define MACHINES 400u
#define ROUND_PART 20u // as in kernel/x86_64/clock.c
#define ROUNDS_MAX 16u

static const struct timer_reference pit = {1193182, 0xffff, 2}, power_timer = {3579545, 0xffffff, 4};
static const uint64_t rates[] = {50000000, 99999999, 1000000000, 1994000000, 5123456789, 10000000000};
#define RATES (sizeof rates / sizeof *rates)
#define APIC_FREQUENCY 1000000000ull

struct machine {
    const struct timer_reference *reference;
    uint64_t rate, time; // the time is in cycles
    uint64_t phase;      // of the timer, in cycles
    uint64_t seed;
    unsigned disturbed;   // readings of 256 that a pause is in
    uint64_t pause_max;   // in cycles
    uint64_t access;      // cycles that a port's access takes
    uint32_t ticks_error; // is added to what is read
};

static uint32_t random_below(struct machine *machine, uint64_t limit) {
    machine->seed = machine->seed * 6364136223846793005u + 1442695040888963407u;
    return limit ? (uint32_t)((machine->seed >> 33) % limit) : 0;
}

// A pause: short ones are more frequent than long ones.
static void pause(struct machine *machine) {
    uint64_t longest = machine->pause_max >> random_below(machine, 12);
    machine->time += random_below(machine, longest > UINT32_MAX ? UINT32_MAX : longest + 1);
}

static uint64_t ticks_at(const struct machine *machine, uint64_t frequency) {
    return (uint64_t)((unsigned __int128)(machine->time + machine->phase) * frequency / machine->rate);
}

// One of the moments in a reading is the one of its pause, if there is one.
static struct reading sample(struct machine *machine) {
    unsigned moment = random_below(machine, 256) < machine->disturbed ? random_below(machine, 4) : 4;
    struct reading reading;
    machine->time += machine->access;
    reading.before = machine->time;
    machine->time += machine->access / 2;
    if (moment == 0)
        pause(machine);
    reading.ticks =
        (uint32_t)(ticks_at(machine, machine->reference->frequency) + machine->ticks_error) & machine->reference->mask;
    if (moment == 1)
        pause(machine);
    reading.other = (uint32_t)ticks_at(machine, APIC_FREQUENCY);
    if (moment == 2)
        pause(machine);
    machine->time += machine->access / 2;
    reading.after = machine->time;
    if (moment == 3)
        pause(machine);
    return reading;
}

static struct machine machine_start(const struct timer_reference *reference, uint64_t rate, uint64_t seed) {
    struct machine machine = {.reference = reference, .rate = rate, .seed = seed};
    machine.phase = random_below(&machine, rate / 1000);
    machine.time = random_below(&machine, rate);
    machine.access = rate / 1000000 * (1 + random_below(&machine, 3)); // up to 3 us
    return machine;
}

// Whether the bounds hold the true rate.
static bool bounds_hold(const struct calibration *calibration, const struct machine *machine) {
    return calibration->low <= machine->rate && machine->rate <= calibration->high;
}

// Measures as the kernel does at boot: whether a rate is agreed. A round ends by itself where the 8254's output rises.
static bool measure(struct machine *machine, struct calibration *calibration) {
    calibration_start(calibration, machine->reference);
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        uint64_t end = machine->time + machine->rate / ROUND_PART;
        calibration_restart(calibration);
        do {
            struct reading reading = sample(machine);
            if (machine->reference == &pit && machine->time > end + machine->rate / 500)
                break;
            if (calibration_add(calibration, &reading))
                return true;
            assert_true(bounds_hold(calibration, machine));
        } while (machine->time < end);
    }
    return false;
}

static uint64_t parts_per_million(uint64_t value, uint64_t wanted) {
    return (value > wanted ? value - wanted : wanted - value) * 1000000 / wanted;
}

// The worst error in parts per million over many machines; all agree.
static void all_agree(const struct timer_reference *reference, unsigned disturbed, unsigned pause_microseconds,
                      const char *name) {
    uint64_t worst = 0, worst_other = 0, longest = 0;
    for (unsigned number = 0; number < MACHINES; number++) {
        struct calibration calibration;
        struct machine machine = machine_start(reference, rates[number % RATES], number);
        machine.disturbed = disturbed;
        machine.pause_max = machine.rate / 1000000 * pause_microseconds;
        uint64_t start = machine.time;
        assert_true(measure(&machine, &calibration));
        assert_true(bounds_hold(&calibration, &machine));
        uint64_t error = parts_per_million(calibration_rate(&calibration), machine.rate);
        uint64_t other = parts_per_million(calibration_other_rate(&calibration), APIC_FREQUENCY);
        uint64_t taken = (machine.time - start) * 1000 / machine.rate;
        worst = error > worst ? error : worst;
        worst_other = other > worst_other ? other : worst_other;
        longest = taken > longest ? taken : longest;
    }
    print_message("# %s: off by at most %lu ppm (the second timer: %lu), after at most %lu ms\n", name, worst,
                  worst_other, longest);
    assert_true(worst <= CALIBRATION_ERROR);
    assert_true(worst_other <= 1000); // it only wakes threads
}

static void test_without_pauses(void **state) {
    (void)state;
    all_agree(&pit, 0, 0, "8254, no pauses");
    all_agree(&power_timer, 0, 0, "ACPI's timer, no pauses");
}

static void test_half_of_all_readings_are_disturbed(void **state) {
    (void)state;
    all_agree(&pit, 128, 100, "8254, half disturbed by up to 100 us");
    all_agree(&pit, 128, 2000, "8254, half disturbed by up to 2 ms");
    all_agree(&power_timer, 128, 100, "ACPI's timer, half disturbed by up to 100 us");
    all_agree(&power_timer, 128, 2000, "ACPI's timer, half disturbed by up to 2 ms");
}

// Where an access takes next to no time, the bounds are those of whole ticks.
static void test_ticks_are_whole(void **state) {
    (void)state;
    for (unsigned number = 0; number < MACHINES; number++) {
        struct calibration calibration;
        struct machine machine = machine_start(number % 2 ? &pit : &power_timer, rates[number % RATES], number);
        machine.access = 2 + random_below(&machine, machine.rate / 20000000);
        assert_true(measure(&machine, &calibration));
        assert_true(bounds_hold(&calibration, &machine));
        assert_int_equal(calibration.contradictions, 0);
    }
}

// A scheduler's slice of the host, now and then.
static void test_long_pauses(void **state) {
    (void)state;
    all_agree(&pit, 1, 40000, "8254, one of 256 disturbed by up to 40 ms");
    all_agree(&power_timer, 1, 300000, "ACPI's timer, one of 256 disturbed by up to 300 ms");
}

// Where each reading is wide, no rate is agreed, but the bounds hold the true one.
static void test_what_is_not_agreed_is_not_accepted(void **state) {
    (void)state;
    for (unsigned number = 0; number < MACHINES; number++) {
        struct calibration calibration;
        struct machine machine = machine_start(number % 2 ? &pit : &power_timer, rates[number % RATES], number);
        machine.access = machine.rate / 10000; // 100 us
        assert_false(measure(&machine, &calibration));
        assert_true(bounds_hold(&calibration, &machine));
        uint64_t error = parts_per_million(calibration_rate(&calibration), machine.rate);
        assert_true(error <= calibration_error(&calibration));
        assert_true(calibration_error(&calibration) > CALIBRATION_ERROR);
    }
}

// The same machine measures on, for as long as it takes, by readings that are milliseconds apart.
static void test_measuring_on_agrees_in_the_end(void **state) {
    (void)state;
    for (unsigned number = 0; number < MACHINES; number++) {
        struct calibration calibration;
        struct machine machine = machine_start(&power_timer, rates[number % RATES], number);
        machine.access = machine.rate / 10000;
        calibration_start(&calibration, &power_timer);
        struct reading reading = sample(&machine);
        unsigned count = 0;
        while (!calibration_add(&calibration, &reading)) {
            machine.time += machine.rate / 50;
            reading = sample(&machine);
            assert_true(++count < 200);
        }
        assert_true(parts_per_million(calibration_rate(&calibration), machine.rate) <= CALIBRATION_ERROR);
    }
}

// A pause in which the timer passes through all its values, and a count that is misread: what they have bounded is
// dropped, and the rate that is agreed is right.
static void test_contradictions_begin_anew(void **state) {
    (void)state;
    unsigned contradicted = 0;
    for (unsigned number = 0; number < MACHINES; number++) {
        struct calibration calibration;
        struct machine machine = machine_start(&power_timer, rates[number % RATES], number);
        unsigned when = random_below(&machine, 3000), count = 0;
        calibration_start(&calibration, &power_timer);
        struct reading reading = sample(&machine);
        while (!calibration_add(&calibration, &reading)) {
            if (count == when && number % 2)
                machine.time += machine.rate / 100 * (469 + random_below(&machine, 20));
            machine.ticks_error = count == when && number % 2 == 0 ? 1 + random_below(&machine, 0xffffff) : 0;
            reading = sample(&machine);
            assert_true(++count < 100000);
        }
        contradicted += calibration.contradictions > 0;
        assert_true(parts_per_million(calibration_rate(&calibration), machine.rate) <= CALIBRATION_ERROR);
    }
    assert_true(contradicted > MACHINES / 2);
}

static void test_timers_that_stand_still_have_no_rate(void **state) {
    (void)state;
    struct calibration calibration;
    calibration_start(&calibration, &pit);
    for (unsigned number = 0; number < 1000; number++)
        assert_false(calibration_add(&calibration, &(struct reading){number * 1000, number * 1000 + 500, 7, 0}));
    assert_int_equal(calibration_rate(&calibration), 0);
    assert_int_equal(calibration_error(&calibration), CALIBRATION_UNKNOWN);
    assert_int_equal(calibration.ticks, 0);
    calibration_start(&calibration, &pit);
    for (unsigned number = 0; number < 1000; number++) // a counter that stands still
        assert_false(calibration_add(&calibration, &(struct reading){77, 77, number, 0}));
    assert_true(calibration_rate(&calibration) < 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_pauses),
        cmocka_unit_test(test_half_of_all_readings_are_disturbed),
        cmocka_unit_test(test_ticks_are_whole),
        cmocka_unit_test(test_long_pauses),
        cmocka_unit_test(test_what_is_not_agreed_is_not_accepted),
        cmocka_unit_test(test_measuring_on_agrees_in_the_end),
        cmocka_unit_test(test_contradictions_begin_anew),
        cmocka_unit_test(test_timers_that_stand_still_have_no_rate),
    };
    return scene_run(tests);
}

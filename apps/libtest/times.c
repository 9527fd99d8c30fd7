// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LEAP_DAY 951825600 // 2000-02-29 12:00:00 UTC
#define LAST_TIME 1000000000

static void check_calendar(void) {
    char text[100];
    time_t leap_day = LEAP_DAY;
    struct tm parts = {.tm_year = 100, .tm_mon = 1, .tm_mday = 29, .tm_hour = 12};
    setenv("TZ", "UTC0", 1);
    tzset();
    check(mktime(&parts) == LEAP_DAY && parts.tm_wday == 2 && parts.tm_yday == 59, "mktime");
    check(strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %j %a %B", gmtime(&leap_day)) > 0 &&
              strcmp(text, "2000-02-29 12:00:00 060 Tue February") == 0,
          "strftime");
    check(strcmp(asctime(gmtime(&leap_day)), "Tue Feb 29 12:00:00 2000\n") == 0, "asctime");
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    check(localtime(&leap_day)->tm_hour == 13, "a time zone");
    unsetenv("TZ");
    tzset();
}

static void check_clocks(void) {
    struct timeval now;
    struct timespec before, after, sleep = {0, 20000000};
    clock_t start = clock();
    for (volatile int round = 0; round < 20000000; round++)
        ;
    check(clock() > start, "clock counts");
    check(time(NULL) > LAST_TIME && gettimeofday(&now, NULL) == 0 && now.tv_sec - time(NULL) <= 1, "time");
    check(clock_gettime(CLOCK_MONOTONIC, &before) == 0 && nanosleep(&sleep, NULL) == 0, "nanosleep");
    check(clock_gettime(CLOCK_MONOTONIC, &after) == 0, "clock_gettime");
    double slept = difftime(after.tv_sec, before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    check(slept >= 0.02, "it slept as long as it was to");
    check(usleep(1000) == 0, "usleep");
}

void check_times(void) {
    check_calendar();
    check_clocks();
}

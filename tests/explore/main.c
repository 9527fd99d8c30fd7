// SPDX-License-Identifier: MIT
// usage: explore quick|long [unaudited] [SCENARIO]
//
// Explores every scenario, or the one whose name begins so, and prints TAP. Unaudited: only the scenarios' own
// properties are looked at, so that what they find does not rest on pipens's own audit.
#include "explore.h"

#include <stdio.h>
#include <string.h>

static const struct limits quick = {.actors = 3, .operations = 3, .preemptions = 3, .use_audit = true};
static const struct limits complete = {.actors = 4, .operations = 4, .preemptions = 4, .use_audit = true};

static uint32_t tests, failures;

static void run(const struct scenario *scenario) {
    struct outcome outcome = explore(scenario);
    const char *way = limits.use_fast_path ? ", the fast path" : "";
    printf("%s %u - %s%s: %llu schedules, %llu steps\n", outcome.complaint ? "not ok" : "ok", ++tests, scenario->name,
           way, (unsigned long long)outcome.schedules, (unsigned long long)outcome.steps);
    if (outcome.complaint) {
        failures++;
        printf("# %s\n", outcome.complaint);
        print_schedule();
    }
    fflush(stdout);
}

static void run_both_ways(const struct scenario *scenario) {
    limits.use_fast_path = false;
    run(scenario);
    if (!scenario->has_calls)
        return;
    limits.use_fast_path = true;
    run(scenario);
}

int main(int count, char **words) {
    if (count < 2 || (strcmp(words[1], "quick") != 0 && strcmp(words[1], "long") != 0)) {
        fprintf(stderr, "usage: explore quick|long [unaudited] [SCENARIO]\n");
        return 2;
    }
    limits = strcmp(words[1], "quick") == 0 ? quick : complete;
    int next = 2;
    if (next < count && strcmp(words[next], "unaudited") == 0) {
        limits.use_audit = false;
        next++;
    }
    const char *wanted = next < count ? words[next] : "";
    for (uint32_t index = 0; index < scenario_count; index++)
        if (strncmp(scenarios[index].name, wanted, strlen(wanted)) == 0)
            run_both_ways(&scenarios[index]);
    printf("1..%u\n", tests);
    return failures || tests == 0;
}

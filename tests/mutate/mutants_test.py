#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""Checks of mutants.py, printed as TAP: which mutants a part of the code has, and which it must not have."""
import pathlib
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import mutants  # noqa: E402
import tap  # noqa: E402


def lines_of(body, head="static void f(int a, int b) {"):
    """The mutated lines of a function whose body is one line; none for what a function of type void returns."""
    return [mutant.after for mutant in mutants.mutants_of("file.c", f"{head}\n{body}\n}}\n")]


class MutantsTest(unittest.TestCase):
    def test_relational_operators_change_both_ways(self):
        self.assertEqual(lines_of("return a < b;"), ["return a <= b;", "return a >= b;"])

    def test_arithmetic_operators_change(self):
        self.assertEqual(lines_of("return a + b;"), ["return a - b;"])
        self.assertEqual(lines_of("return a << b;"), ["return a >> b;"])

    def test_conditions_are_negated(self):
        self.assertIn("if (!(a)) b++;", lines_of("if (a) b++;"))
        self.assertIn("while (!(f(a))) b++;", lines_of("while (f(a)) b++;"))
        self.assertIn("for (;!(a); b++) f(a);", lines_of("for (;a; b++) f(a);"))
        self.assertIn("a = !(b && f(c)) ? 2 : 3;", lines_of("a = b && f(c) ? 2 : 3;"))
        self.assertIn("f(a, !(b[i]) ? c : d);", lines_of("f(a, b[i] ? c : d);"))

    def test_what_an_operator_negates_is_not_negated_twice(self):
        self.assertEqual(lines_of("if (a == b) g();"), ["if (a != b) g();", "if (a == b) ;"])
        self.assertEqual(lines_of("if (!a) g();"), ["if (a) g();", "if (!a) ;"])

    def test_results_become_nothing(self):
        self.assertEqual(lines_of("return f(a);", "static long g(int a) {"), ["return 0;"])
        self.assertEqual(lines_of("return f(a);", "static bool g(int a) {"), ["return 0;", "return 1;"])
        self.assertEqual(lines_of("return NULL;", "static struct node *g(int a) {"), [])

    def test_constants_move_by_one(self):
        self.assertEqual(lines_of("return 0;"), ["return 1;"])
        self.assertEqual(lines_of("return 1u;"), ["return 0u;"])
        self.assertEqual(lines_of("return 0x10u;"), ["return 17u;"])

    def test_a_sign_and_a_negation_are_dropped(self):
        self.assertEqual(lines_of("return -EINVAL;"), ["return EINVAL;"])
        self.assertEqual(lines_of("return !a;"), ["return a;"])
        self.assertEqual(lines_of("return ~a;"), ["return a;"])

    def test_truth_changes(self):
        self.assertEqual(lines_of("return true;"), ["return false;"])

    def test_statements_are_deleted(self):
        self.assertEqual(lines_of("g(a);"), [";"])
        self.assertEqual(lines_of("a = b;"), [";"])

    def test_an_early_return_is_deleted_and_the_last_is_not(self):
        self.assertIn("if (a) ;", lines_of("if (a) return b;"))
        self.assertEqual(lines_of("return b;"), [])

    def test_declarations_stay(self):
        self.assertEqual(lines_of("struct node *node = g(a);"), [])

    def test_the_head_of_a_loop_has_no_statements(self):
        changed = ["for (a = b; !(g(a)); h(b)) g(a);", "for (a = b; g(a); h(b)) ;"]
        self.assertEqual(lines_of("for (a = b; g(a); h(b)) g(a);"), changed)

    def test_pointers_and_members_are_no_operators(self):
        self.assertEqual(lines_of("return f(*p, &a, p->next);"), [])

    def test_lists_of_values_are_no_statements(self):
        self.assertEqual(lines_of("return (struct pair){a, b};"), [])

    def test_comments_strings_and_directives_stay(self):
        self.assertEqual(lines_of('g("1 + 1"); // 0 < 1'), ["; // 0 < 1"])
        self.assertEqual(lines_of("#define ONE 1"), [])

    def test_only_functions_are_mutated(self):
        self.assertEqual(list(mutants.mutants_of("file.h", "struct s {\n    int a[1 + 1];\n};\nint a = 1;\n")), [])

    def test_a_mutant_knows_its_position(self):
        code = "int f(void) {\n    return 0;\n}\n"
        mutant = next(mutants.mutants_of("file.c", code))
        self.assertEqual(mutant.apply(code), "int f(void) {\n    return 1;\n}\n")
        self.assertEqual((mutant.line, str(mutant)), (2, "file.c f: return 0; => return 1;"))


if __name__ == "__main__":
    sys.exit(tap.run("mutants", MutantsTest))

// SPDX-License-Identifier: MIT
// The shell's language: what texts parse into, what bad ones are answered with, and what words become.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
// cmocka's header needs those above.
#include <cmocka.h>

#include "../../lib/byte_class.c"
#include "../../apps/shell/buffer.c"
#include "../../apps/shell/glob.c"
#include "../../apps/shell/lex.c"
#include "../../apps/shell/parse.c"

// ---- Trees ----

static struct buffer shape;

static void shape_word(const struct word *word) {
    buffer_put(&shape, ' ');
    buffer_add(&shape, word->text, word->length);
}

static void shape_list(const struct node *list);

// A command as a text that shows how it was understood.
static void shape_command(const struct node *node) {
    static const char *const names[] = {
        [NODE_SIMPLE] = "run",  [NODE_GROUP] = "group", [NODE_SUBSHELL] = "subshell", [NODE_IF] = "if",
        [NODE_WHILE] = "while", [NODE_FOR] = "for",     [NODE_CASE] = "case",         [NODE_FUNCTION] = "function"};
    buffer_put(&shape, '(');
    buffer_text(&shape, node->type == NODE_LIST ? "else" : names[node->type]);
    for (const struct word *word = node->assignments; word; word = word->next)
        shape_word(word);
    for (const struct word *word = node->words; word; word = word->next)
        shape_word(word);
    for (const struct case_item *item = node->items; item; item = item->next) {
        shape_word(item->patterns);
        if (item->body)
            shape_list(item->body);
    }
    const struct node *parts[] = {node->first, node->second, node->third};
    for (size_t index = 0; index < 3 && node->type != NODE_LIST; index++)
        if (parts[index] && parts[index]->type == NODE_LIST)
            shape_list(parts[index]);
        else if (parts[index])
            shape_command(parts[index]);
    for (const struct redirection *redirection = node->redirections; redirection; redirection = redirection->next) {
        char sign[] = {' ', (char)('0' + redirection->descriptor), "<>A&H"[redirection->type], 0};
        buffer_text(&shape, sign);
        shape_word(&redirection->file);
    }
    buffer_put(&shape, ')');
}

static void shape_list(const struct node *list) {
    for (const struct node *chain = list->first; chain; chain = chain->next) {
        for (const struct node *pipeline = chain->first; pipeline; pipeline = pipeline->next) {
            static const char *const connectors[] = {"", " && ", " || "};
            buffer_text(&shape, connectors[pipeline->connector]);
            buffer_text(&shape, pipeline->is_negated ? "!" : "");
            for (const struct node *command = pipeline->first; command; command = command->next) {
                shape_command(command);
                buffer_text(&shape, command->next ? "|" : "");
            }
        }
        buffer_text(&shape, chain->is_background ? "&" : ";");
    }
}

static const char *(*known_alias)(const char *name, size_t length);

static const char *shape_of(const char *text) {
    struct parser parser;
    parser_begin(&parser, text, 1);
    parser.alias = known_alias;
    buffer_free(&shape);
    buffer_text(&shape, "");
    while (parser_next(&parser) == PARSE_DONE)
        shape_list(parser.tree);
    parser_end(&parser);
    return shape.bytes;
}

static void test_lists_and_pipelines(void **state) {
    (void)state;
    assert_string_equal(shape_of(""), "");
    assert_string_equal(shape_of("  # nothing\n\n"), "");
    assert_string_equal(shape_of("a b; c & d"), "(run a b);(run c)&(run d);");
    assert_string_equal(shape_of("a && b || ! c | d\ne"), "(run a) && (run b) || !(run c)|(run d);(run e);");
    assert_string_equal(shape_of("a |\n\n b &&\n c"), "(run a)|(run b) && (run c);");
    assert_string_equal(shape_of("a \\\n b # c\nd#e"), "(run a b);(run d#e);");
    assert_string_equal(shape_of("A=1 B='2 3' c D=4"), "(run A=1 B='2 3' c D=4);");
}

static void test_redirections(void **state) {
    (void)state;
    assert_string_equal(shape_of("a <b >c 2>>d e"), "(run a e 0< b 1> c 2A d);");
    assert_string_equal(shape_of(">f 2>&1"), "(run 1> f 2& 1);");
    assert_string_equal(shape_of("{ a; } >f"), "(group(run a); 1> f);");
    assert_string_equal(shape_of("echo 2 >f"), "(run echo 2 1> f);");
}

static void test_here_documents(void **state) {
    (void)state;
    assert_string_equal(shape_of("a <<E b\nx\ny\nE\nc"), "(run a b 0H x\ny\n);(run c);");
    assert_string_equal(shape_of("a <<'E F' && b 0<<G\n$x\nE F\nE\nG"), "(run a 0H $x\n) && (run b 0H E\n);");
    assert_string_equal(shape_of("if a; then\n\tb <<-E\n\tx\n\tE\nfi"), "(if(run a);(run b 0H \tx\n););");
    assert_string_equal(shape_of("a <<E\nE"), "(run a 0H );");
}

static void test_compound_commands(void **state) {
    (void)state;
    assert_string_equal(shape_of("if a; then b; elif c; then d; else e; fi"),
                        "(if(run a);(run b);(if(run c);(run d);(run e);));");
    assert_string_equal(shape_of("while a; do b; c; done | d"), "(while(run a);(run b);(run c);)|(run d);");
    assert_string_equal(shape_of("for i in x y\ndo\na\ndone"), "(for x y(run a););");
    assert_string_equal(shape_of("for i do a; done"), "(for(run a););");
    assert_string_equal(shape_of("case x in a|b) c;; (d) e\nesac"), "(case a(run c); d(run e););");
    assert_string_equal(shape_of("( a; { b; } )"), "(subshell(run a);(group(run b);););");
    assert_string_equal(shape_of("echo if then done"), "(run echo if then done);");
}

static void test_functions(void **state) {
    (void)state;
    assert_string_equal(shape_of("f() { a; }; f b"), "(function(group(run a);));(run f b);");
    assert_string_equal(shape_of("f ( )\n\n(a) >b"), "(function(subshell(run a); 1> b));");
    assert_string_equal(shape_of("f() if a; then b; fi | c"), "(function(if(run a);(run b);))|(run c);");
    assert_string_equal(shape_of("f() g() { a; }"), "");
}

static void test_quotes_stay_in_words(void **state) {
    (void)state;
    assert_string_equal(shape_of("a 'b;c' \"d|e\" f\\ g $(h; i) ${j k} `l m`"),
                        "(run a 'b;c' \"d|e\" f\\ g $(h; i) ${j k} `l m`);");
    assert_string_equal(shape_of("a \"$(b \"c\" ')' )\" d"), "(run a \"$(b \"c\" ')' )\" d);");
}

static void test_bad_texts_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum parse_result result;
        const char *problem;
        unsigned line;
    } bad[] = {{";", PARSE_WRONG, "unexpected `;'", 1},
               {"a\n\ndone", PARSE_WRONG, "unexpected `done'", 3},
               {"a | | b", PARSE_WRONG, "unexpected `|'", 1},
               {"a )", PARSE_WRONG, "unexpected `)'", 1},
               {"if a; then b; fi c", PARSE_WRONG, "unexpected `c'", 1},
               {"for 1x in a; do b; done", PARSE_WRONG, "`1x' is no name of a variable", 1},
               {"f(", PARSE_INCOMPLETE, "unexpected end, `)' is missing", 1},
               {"f()", PARSE_INCOMPLETE, "unexpected end, `{' is missing", 1},
               {"f() a", PARSE_WRONG, "unexpected `a'", 1},
               {"f(a)", PARSE_WRONG, "unexpected `a'", 1},
               {"1f() { a; }", PARSE_WRONG, "unexpected `('", 1},
               {"f g() { a; }", PARSE_WRONG, "unexpected `('", 1},
               {"a <<E", PARSE_INCOMPLETE, "unexpected end, `E' is missing", 1},
               {"a <<E\nb\n E\nEE\n", PARSE_INCOMPLETE, "unexpected end, `E' is missing", 1},
               {"a <<", PARSE_INCOMPLETE, "unexpected end, a file's name is missing", 1},
               {"a <<E\nE\n;", PARSE_WRONG, "unexpected `;'", 3},
               {"a >", PARSE_INCOMPLETE, "unexpected end, a file's name is missing", 1},
               {"a >\nb", PARSE_WRONG, "unexpected end of the line, a file's name is missing", 1},
               {"a 7>b", PARSE_WRONG, "descriptors are 0, 1 and 2", 1},
               {"a 'b", PARSE_INCOMPLETE, "a single quote is not closed", 1},
               {"a \"b", PARSE_INCOMPLETE, "a double quote is not closed", 1},
               {"a $(b", PARSE_INCOMPLETE, "unexpected end, `)' is missing", 1},
               {"a ${b", PARSE_INCOMPLETE, "${ is not closed", 1},
               {"a `b", PARSE_INCOMPLETE, "a backquote is not closed", 1},
               {"if a\nthen b\n", PARSE_INCOMPLETE, "unexpected end, `fi' is missing", 3},
               {"while a; do b", PARSE_INCOMPLETE, "unexpected end, `done' is missing", 1},
               {"a &&", PARSE_INCOMPLETE, "unexpected end, a command is missing", 1},
               {"( a", PARSE_INCOMPLETE, "unexpected end, `)' is missing", 1},
               {"case x in", PARSE_INCOMPLETE, "unexpected end, a pattern is missing", 1}};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        struct parser parser;
        enum parse_result result;
        parser_begin(&parser, bad[index].text, 1);
        while ((result = parser_next(&parser)) == PARSE_DONE)
            continue;
        assert_int_equal(result, bad[index].result);
        assert_string_equal(parser.problem, bad[index].problem);
        assert_int_equal(parser.problem_line, bad[index].line);
        parser_end(&parser);
    }
}

// `count` times one text, then another.
static char *repeated(const char *text, size_t count, const char *end) {
    char *whole = calloc(count * strlen(text) + strlen(end) + 1, 1);
    for (size_t index = 0; index < count; index++)
        memcpy(whole + index * strlen(text), text, strlen(text));
    strcat(whole, end);
    return whole;
}

static enum parse_result result_of(char *text) {
    struct parser parser;
    parser_begin(&parser, text, 1);
    enum parse_result result = parser_next(&parser);
    assert_true(parser.arena.used <= SYNTAX_MEMORY_MAX);
    parser_end(&parser);
    free(text);
    return result;
}

static void test_depth_and_memory_are_bounded(void **state) {
    (void)state;
    assert_int_equal(result_of(repeated("( ", 100000, "")), PARSE_WRONG);
    assert_int_equal(result_of(repeated("if a; then ", 100000, "")), PARSE_WRONG);
    assert_int_equal(result_of(repeated("$(", 100000, "")), PARSE_WRONG);
    assert_int_equal(result_of(repeated("\"$(", 100000, "")), PARSE_WRONG);
    assert_int_equal(result_of(repeated("a;", 1000000, "")), PARSE_WRONG);
    assert_int_equal(result_of(repeated("a ", 5000, "")), PARSE_DONE);
    assert_int_equal(result_of(repeated("x", 1000000, "")), PARSE_DONE);
}

// Every text of these chunks, three long, parses or is answered: nothing is read after its end.
static void test_every_short_text_has_an_answer(void **state) {
    (void)state;
    static const char *const chunks[] = {"a",    " ",     "\n",   ";",   "&",  "|",     "&&",   "(",  ")", "{ ",
                                         "}",    "<",     ">",    "'",   "\"", "\\",    "$(",   "${", "`", "if ",
                                         "#",    "2>",    ";;",   "do ", "=",  "$",     ">&",   "!",  "[", "*",
                                         "for ", "case ", " in ", "fi ", "<&", "then ", "done "};
    size_t count = sizeof chunks / sizeof *chunks;
    for (size_t number = 0; number < count * count * count; number++) {
        struct parser parser;
        struct buffer text = {0};
        buffer_text(&text, chunks[number % count]);
        buffer_text(&text, chunks[number / count % count]);
        buffer_text(&text, chunks[number / count / count]);
        parser_begin(&parser, text.bytes, 1);
        enum parse_result result;
        while ((result = parser_next(&parser)) == PARSE_DONE)
            continue;
        assert_true(result == PARSE_END || parser.problem[0]);
        parser_end(&parser);
        buffer_free(&text);
    }
}

// A text that is one command, and the number of lines in it.
static void test_joined_lines_are_no_part_of_tokens(void **state) {
    (void)state;
    assert_string_equal(shape_of("a\\"), "(run a\\);");
    assert_string_equal(shape_of("i\\\nf a; t\\\nhen b; fi"), "(if(run a);(run b););");
    assert_string_equal(shape_of("a &\\\n& b |\\\n| c >\\\n> d"), "(run a) && (run b) || (run c 1A d);");
    assert_string_equal(shape_of("a\\\nb=\"c\\\nd\" $\\\n{e}'\\\n'"), "(run ab=\"cd\" ${e}'\\\n');");
    assert_string_equal(shape_of("a <<\\\nE\nb\\\nE\n\\\\\nE\n"), "(run a 0H bE\n\\\\\n);");
    assert_string_equal(shape_of("a <<'E'\nb\\\nE\n"), "(run a 0H b\\\n);");
    assert_string_equal(shape_of("# a \\\nb\\\\\nc"), "(run b\\\\);(run c);");
    struct parser parser;
    parser_begin(&parser, "a\\\nb\\\n\nc", 1);
    assert_int_equal(parser_next(&parser), PARSE_DONE);
    assert_int_equal(parser_next(&parser), PARSE_DONE);
    assert_int_equal(parser.tree->line, 4);
    parser_end(&parser);
}

static void test_substitutions_are_parsed(void **state) {
    (void)state;
    static const char *const words[] = {"$(case x in x) a;; esac)",
                                        "\"$(case x in x) \"a  b\";; esac)\"",
                                        "$(a <<E\n) ' \"\nE\n)",
                                        "$(a # ) '\n)",
                                        "$()",
                                        "$(\n# a\n)",
                                        "$(a $(b; (c)) \")\" ')' \\))",
                                        "${a-$(case x in x) b;; esac)}",
                                        "$((1 + $(case x in x) b;; esac)))",
                                        "$((a); (b))",
                                        "$(( (1) ))",
                                        "`a \\` ) `",
                                        "${a#'}'}",
                                        "\"${a#'}'}\"",
                                        "\"${a-'}\"",
                                        "\"${a-\"}\"}\""};
    for (size_t index = 0; index < sizeof words / sizeof *words; index++) {
        char *text = repeated(words[index], 1, " end"), *wanted = repeated("(run ", 1, text);
        wanted = realloc(wanted, strlen(wanted) + 3);
        assert_string_equal(shape_of(text), strcat(wanted, ");"));
        free(text);
        free(wanted);
    }
    assert_true(part_at("$((1))", 0, 6, QUOTING_NONE, 0).is_arithmetic);
    assert_false(part_at("$((a);(b))", 0, 10, QUOTING_NONE, 0).is_arithmetic);
    assert_int_equal(part_at("$((a);(b))", 0, 10, QUOTING_NONE, 0).end, 10);
    assert_int_equal(part_at("$(a)", 0, 3, QUOTING_NONE, 0).end, 0);
    assert_int_equal(result_of(repeated("$((a ", 20, ")")), PARSE_INCOMPLETE);
    char *nested = repeated("$((a ", 20, ""), *closed = repeated(" ) b)", 20, "");
    assert_int_equal(result_of(repeated(nested, 1, closed)), PARSE_WRONG);
    free(nested);
    free(closed);
}

static const char *test_alias(const char *name, size_t length) {
    static const char *const aliases[][2] = {{"ll", "ls -l"}, {"ls", "ls -a"}, {"s", "sudo "},          {"x", "y"},
                                             {"y", "x"},      {"if", "never"}, {"loop", "while a; do"}, {"none", ""},
                                             {"two", "1\n2"}};
    for (size_t index = 0; index < sizeof aliases / sizeof *aliases; index++)
        if (strlen(aliases[index][0]) == length && memcmp(aliases[index][0], name, length) == 0)
            return aliases[index][1];
    return NULL;
}

static void test_aliases_are_replaced(void **state) {
    (void)state;
    known_alias = test_alias;
    assert_string_equal(shape_of("ls b; b ls; 'ls'; \\ls"), "(run ls -a b);(run b ls);(run 'ls');(run \\ls);");
    assert_string_equal(shape_of("ll b"), "(run ls -a -l b);");
    assert_string_equal(shape_of("x; y"), "(run x);(run y);");
    assert_string_equal(shape_of("s ls ls; s b ls"), "(run sudo ls -a ls);(run sudo b ls);");
    assert_string_equal(shape_of("if ls; then ls; fi"), "(if(run ls -a);(run ls -a););");
    assert_string_equal(shape_of("loop b; done"), "(while(run a);(run b););");
    assert_string_equal(shape_of("none\nnone ls"), "(run ls -a);");
    assert_string_equal(shape_of("two 3"), "(run 1);(run 2 3);");
    assert_string_equal(shape_of("a=1 ls; >b ls; ! ls | ls && ls"),
                        "(run a=1 ls -a);(run ls -a 1> b);!(run ls -a)|(run ls -a) && (run ls -a);");
    assert_string_equal(shape_of("a $(ls) `ls`"), "(run a $(ls -a) `ls`);");
    assert_string_equal(shape_of("ls <<E; l\\\nl\nls\nE\nls"), "(run ls -a 0H ls\n);(run ls -a -l);(run ls -a);");
    assert_string_equal(shape_of("ls() { ls; }; case ls in ls) ls;; esac"), "");
    known_alias = NULL;
}

// ---- Patterns ----

static bool matches(const char *pattern, const char *text) {
    return glob_matches(pattern, text, strlen(text));
}

static void test_patterns(void **state) {
    (void)state;
    assert_true(matches("", "") && !matches("", "a") && !matches("a", ""));
    assert_true(matches("*", "") && matches("a*c", "abbc") && !matches("a*c", "abbcd"));
    assert_true(matches("a?c", "abc") && !matches("a?c", "ac"));
    assert_true(matches("[a-c]x", "bx") && !matches("[!a-c]x", "bx") && matches("[]]", "]"));
    assert_true(matches("[[:digit:]a]x", "7x") && matches("[[:digit:]a]x", "ax") && !matches("[![:digit:]]", "7"));
    assert_true(matches("[[:none:]]", ":]") && !matches("[[:none:]]", "7") && !matches("[[:alpha:]", ":"));
    assert_true(matches("[a", "[a") && matches("\\*", "*") && !matches("\\*", "a"));
    assert_true(matches("*a*b*c", "xxaxxbxxc") && !matches("*a*b*c", "xxaxxcxxb"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists_and_pipelines),
                                       cmocka_unit_test(test_redirections),
                                       cmocka_unit_test(test_here_documents),
                                       cmocka_unit_test(test_compound_commands),
                                       cmocka_unit_test(test_functions),
                                       cmocka_unit_test(test_quotes_stay_in_words),
                                       cmocka_unit_test(test_bad_texts_are_named),
                                       cmocka_unit_test(test_depth_and_memory_are_bounded),
                                       cmocka_unit_test(test_every_short_text_has_an_answer),
                                       cmocka_unit_test(test_joined_lines_are_no_part_of_tokens),
                                       cmocka_unit_test(test_substitutions_are_parsed),
                                       cmocka_unit_test(test_aliases_are_replaced),
                                       cmocka_unit_test(test_patterns)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int status = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_free(&shape);
    return status;
}

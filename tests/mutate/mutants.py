#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes mutants of C code: copies of a file with one small fault each, found by its tokens.

Only the bodies of functions are changed; comments, strings and directives never are. It relies on the style of this
project: binary operators stand between blanks, unary ones do not.
"""
import dataclasses
import re

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<directive>^[ \t]*\#(?:\\\n|[^\n])*)
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<number>\d\w*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<operator><<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)

# Relational, logical and arithmetic operators, between blanks.
BINARY = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "&": ["|"], "|": ["&"],
    "<<": [">>"], ">>": ["<<"], "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="], "^": ["|"],
}
COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}
ANYWHERE = {"++": "--", "--": "++"}
WORDS = {"true": "false", "false": "true"}
# A statement that begins with one of these is a declaration, or is made of others.
NOT_DELETED = set(
    "if else for while do switch case default goto static const struct enum union unsigned int long char bool void "
    "typedef extern size_t uintptr_t uint8_t uint16_t uint32_t uint64_t int64_t _Static_assert".split()
)
CONSTANTS = {"true", "false", "NULL"}
CONDITION_FOLLOWS = {"=", "(", "[", "{", ",", "return", "?", ":", ";", "+=", "-=", "|=", "&="}
SIGN_FOLLOWS = set("return = ( , ? : && || == !=".split())


@dataclasses.dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self):
        return self.start + len(self.text)


@dataclasses.dataclass(frozen=True)
class Mutant:
    """The code of `file` with the characters `start` to `end` replaced by `text`."""

    file: str
    function: str
    line: int
    start: int
    end: int
    text: str
    before: str  # the lines that it touches, with single blanks
    after: str

    def apply(self, code):
        return code[:self.start] + self.text + code[self.end:]

    @property
    def key(self):
        """What names it in survivors.txt: independent of line numbers."""
        return (self.file, self.function, self.before, self.after)

    def __str__(self):
        return f"{self.file} {self.function}: {self.before} => {self.after}"


def tokens_of(code):
    """The tokens of the code that can be changed, or that tell where to change."""
    found = (Token(match.lastgroup, match.group(), match.start()) for match in TOKEN.finditer(code))
    return [token for token in found if token.kind not in ("space", "comment", "directive")]


def closing(tokens, index):
    """The index of the bracket that closes the one at `index`."""
    depth = 0
    for position in range(index, len(tokens)):
        if tokens[position].text in "([{":
            depth += 1
        elif tokens[position].text in ")]}":
            depth -= 1
            if depth == 0:
                return position
    raise ValueError("a bracket is not closed")


def function_bodies(tokens):
    """(name, type of its result, index of the opening brace, of the closing one) of each function that is defined."""
    index = 0
    name = kind = ""
    while index < len(tokens):
        text = tokens[index].text
        if text == "(":
            name, kind = tokens[index - 1].text, tokens[index - 2].text
            index = closing(tokens, index)
        elif text in "{[":
            end = closing(tokens, index)
            if text == "{" and tokens[index - 1].text == ")":
                yield name, kind, index, end
            index = end
        index += 1


def is_between_blanks(code, token):
    return code[token.start - 1].isspace() and code[token.end].isspace()


def operator_changes(code, tokens, index):
    token = tokens[index]
    if token.text in ANYWHERE:
        yield token.start, token.end, ANYWHERE[token.text]
    elif token.text in BINARY and is_between_blanks(code, token):
        for text in BINARY[token.text]:
            yield token.start, token.end, text
    elif token.text in "!~" or (token.text == "-" and tokens[index - 1].text in SIGN_FOLLOWS):
        yield token.start, token.end, ""


def number_changes(token):
    match = re.fullmatch(r"(0x[0-9a-fA-F]+|\d+)([uUlL]*)", token.text)
    if match:
        value = int(match[1], 0)
        yield token.start, token.end, f"{0 if value == 1 else value + 1}{match[2]}"


def is_one_comparison(tokens):
    """Whether the change of its only operator negates the condition."""
    texts = [token.text for token in tokens]
    if {"&&", "||", "?"} & set(texts):
        return False
    return texts[0] == "!" or sum(text in COMPARISONS for text in texts) == 1


def negation(code, tokens):
    """The condition that these tokens are, negated."""
    if tokens and not is_one_comparison(tokens):
        start, end = tokens[0].start, tokens[-1].end
        yield start, end, f"!({code[start:end]})"


def condition_changes(code, tokens, index):
    """The condition of an `if`, `while` or `for`."""
    opening = index + 1
    first, last = opening + 1, closing(tokens, opening)
    if tokens[index].text == "for":
        first = statement_end(tokens, first) + 1
        last = statement_end(tokens, first)
    yield from negation(code, tokens[first:last])


def choice_changes(code, tokens, index):
    """The condition in front of a question mark."""
    first = index
    depth = 0
    while depth or tokens[first - 1].text not in CONDITION_FOLLOWS:
        first -= 1
        depth += {")": 1, "]": 1, "(": -1, "[": -1}.get(tokens[first].text, 0)
    yield from negation(code, tokens[first:index])


def result_changes(code, tokens, index, kind):
    """What is returned, as nothing; a truth as the other, too. Constants have changes of their own."""
    end = statement_end(tokens, index)
    value = tokens[index + 1:end]
    if not value or kind == "void" or (len(value) == 1 and (value[0].kind == "number" or value[0].text in CONSTANTS)):
        return
    for text in ("0", "1") if kind == "bool" else ("0",):
        yield value[0].start, value[-1].end, text


def statement_end(tokens, index):
    """The index of the semicolon that ends the statement at `index`; None if a list of values stands there."""
    while tokens[index].text != ";":
        if tokens[index].text == "}":
            return None
        index = closing(tokens, index) if tokens[index].text in "([{" else index
        index += 1
    return index


def begins_statement(tokens, index):
    """Whether a simple statement begins here, and whether it is all that an `if` or a loop does."""
    before = tokens[index - 1].text
    is_controlled = before == "else"
    if before == ")":
        depth = 0
        for position in range(index - 1, 0, -1):
            depth += {")": 1, "(": -1}.get(tokens[position].text, 0)
            if depth == 0:
                is_controlled = tokens[position - 1].text in ("if", "for", "while")
                break
    return before in (";", "{", "}", ":") or is_controlled, is_controlled


def deletions(tokens, index):
    """A simple statement, deleted. A `return` goes only where something comes after it."""
    begins, is_controlled = begins_statement(tokens, index)
    text = tokens[index].text
    if not begins or tokens[index].kind != "name" and text not in ("++", "--", "(", "*"):
        return
    if text in NOT_DELETED or (text == "return" and not is_controlled) or tokens[index + 1].text == ":":
        return
    end = statement_end(tokens, index)
    if end is not None:
        yield tokens[index].start, tokens[end].start, ""


def changes(code, tokens, index, kind):
    token = tokens[index]
    if token.text == "?":
        yield from choice_changes(code, tokens, index)
    elif token.kind == "operator":
        yield from operator_changes(code, tokens, index)
    elif token.kind == "number":
        yield from number_changes(token)
    elif token.text in WORDS:
        yield token.start, token.end, WORDS[token.text]
    elif token.text in ("if", "while", "for"):
        yield from condition_changes(code, tokens, index)
    elif token.text == "return":
        yield from result_changes(code, tokens, index, kind)


def squeeze(text):
    return " ".join(text.split())


def make(file, code, function, change):
    start, end, text = change
    first = code.rfind("\n", 0, start) + 1
    last = code.find("\n", end)
    before, after = squeeze(code[first:last]), squeeze(code[first:start] + text + code[end:last])
    return Mutant(file, function, code.count("\n", 0, start) + 1, start, end, text, before, after)


def mutants_of(file, code):
    """All mutants of the code, in order."""
    tokens = tokens_of(code)
    for function, kind, opening, end in function_bodies(tokens):
        in_header = opening  # up to here the head of a `for`, which has semicolons but no statements
        for index in range(opening + 1, end):
            if tokens[index].text == "for":
                in_header = closing(tokens, index + 1)
            found = list(changes(code, tokens, index, kind))
            if index > in_header:
                found += deletions(tokens, index)
            for change in found:
                yield make(file, code, function, change)

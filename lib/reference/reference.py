#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the programmer's reference out of the sources: every system call, error, right, kernel pipe, protocol and
function of the library, as HTML and as man pages. The text is that of the headers, so that it has one source.

usage: reference.py DIRECTORY    writes DIRECTORY/*.html and DIRECTORY/man/man{2,3,4,7}/*; fails if something that the
                                 sources define is without documentation
"""
import collections
import glob
import html
import os
import re
import sys

# An entry of a page: its name, its declaration, and what is said about it. A page: its title in man's index, its
# section there, the text of its head, and its entries.
Entry = collections.namedtuple("Entry", "name code text")
Page = collections.namedtuple("Page", "name section title head entries")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def comment_text(lines):
    """The text of // comments, a paragraph where a line of them is empty, and the indentation of what is drawn kept."""
    text = "\n".join(re.sub(r"^\s*// ?", "", line) for line in lines)
    return re.sub(r"(?<![\n.:;|])\n(?=[^\s-])|(?<=[.:;])\n(?=[^\s-])", " ", text).strip()


# ---- Headers ---------------------------------------------------------------------------------------------------------

def enum_entries(lines, above):
    """The constants of an enumeration. A comment stands above a constant, or after it and on the lines that follow."""
    entries, before = [], []
    body = "\n".join(lines)
    inner = body[body.index("{") + 1:body.rindex("}")]
    if "//" not in inner:
        return [Entry(name, body, above) for name in re.findall(r"\b[A-Z][A-Z0-9_]+\b", re.sub(r"=[^,]*", "", inner))]
    pending = None
    for line in inner.split("\n"):
        code, slashes, comment = line.partition("//")
        names = re.findall(r"\b([A-Z][A-Z0-9_]+)\b\s*(?:=[^,]*)?(?:,|$)", code.strip())
        if names:
            pending = [Entry(name, code.strip().rstrip(","), comment_text(before + ([slashes + comment] if comment else
                       []))) for name in names]
            entries += pending
            before = []
        elif slashes and pending and len(line) - len(line.lstrip()) > 4 and not before:
            last = entries[-1]
            entries[-1] = last._replace(text=(last.text + " " + comment.strip()).strip())
        elif slashes:
            before.append(slashes + comment)
    if any(entry.text for entry in entries):
        return [entry for entry in entries if entry.text or not entry.name.endswith(("_OPERATIONS", "_OPERATIONS_END"))]
    return [entry._replace(text=above) for entry in entries]


def blocks(text):
    """The paragraphs of a header: for each the comment above it, and its lines of code."""
    comment, code = [], []
    depth = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if not depth and not code and stripped.startswith("//"):
            comment.append(line)
            continue
        if not stripped and not depth:
            if code:
                yield comment, code
            comment, code = ([], []) if code else ([], [])
            continue
        if not depth and code and stripped.startswith("//") and not code[-1].rstrip().endswith(("\\", ",")):
            yield comment, code
            comment, code = [line], []
            continue
        code.append(line)
        depth += line.count("{") - line.count("}")
        if not depth and re.search(r"[;}]\s*(//.*)?$", line) and not line.startswith("#"):
            yield comment, code
            comment, code = [], []
    if code:
        yield comment, code


def defines_of(code, above):
    """The constants of a run of #defines, each with the comment at its end, or that above the run."""
    for line in code:
        match = re.match(r"#define ([A-Z][A-Z0-9_]*)(\([^)]*\))? +(.*)", line)
        if match:
            value, _, comment = match[3].partition("//")
            yield Entry(match[1], line.partition("//")[0].strip().rstrip("\\").strip(), comment.strip() or above)


def header_entries(text):
    entries, shared = [], ""
    for comment, code in blocks(text):
        above = comment_text([line for line in comment if not re.match(r"\s*// --", line)]) or shared
        first = code[0]
        if re.match(r"enum( \w+)? \{", first):
            entries += enum_entries(code, above)
        elif first.startswith("#define"):
            entries += defines_of(code, above)
        elif first.startswith(("struct", "union")) and "{" in first:
            entries.append(Entry(" ".join(first.split()[:2]), "\n".join(code), above))
        elif re.match(r"^[a-z].*\b(\w+)\(", first) and not first.startswith(("static", "typedef", "#", "extern")):
            name = re.search(r"(\w+)\(", first)[1]
            entries.append(Entry(name, "\n".join(code), above))
        shared = above if first.startswith("#define") or entries and "(" in entries[-1].code else ""
    return entries


def header_parts(path):
    """A header's head, and what stands between its guard."""
    text = re.sub(r"\A// SPDX.*\n", "", read(path))
    head = re.match(r"(?:^//.*\n)*", text, re.M)[0]
    body = text[len(head):]
    body = re.sub(r"^#(ifndef|endif|include|define \w+_H).*\n?", "", body, flags=re.M)
    return comment_text(head.split("\n")), body


# ---- Pages -----------------------------------------------------------------------------------------------------------

def errors_page():
    rows = re.findall(r'^ERROR\((\w+), (\d+), "(.*)"\)', read("pipens/errors.def"), re.M)
    return Page("sluice-errors", 7, "errors of the kernel and the servers",
                "A call returns an error as its negated number, which is newlib's errno.",
                [Entry(name, f"PIPE_{name} = {number}", sentence) for name, number, sentence in rows])


def calls_pages():
    source = read("pipens/syscalls.def")
    calls = re.findall(r"^SYSTEM_CALL\((\w+), (\d+), ([^)]*)\)", source, re.M)
    documented = dict()
    for comment, code in blocks(header_parts("pipens/calls.h")[1]):
        match = re.search(r"\bpipens_(\w+)\(", code[0])
        if match and comment:
            documented[match[1]] = (comment_text(comment), "\n".join(code))
    sentences = {entry.name: entry.text for entry in errors_page().entries}
    for name, count, errors in calls:
        if name not in documented:
            sys.exit(f"pipens/calls.h: the system call {name} is without documentation")
        text, _ = documented[name]
        synopsis = re.match(r"\w+\([^)]*\)", text)
        if not synopsis:
            sys.exit(f"pipens/calls.h: the documentation of {name} does not begin with its arguments")
        entries = []
        for error in re.findall(r"E[A-Z0-9]+", errors):
            if error not in sentences:
                sys.exit(f"pipens/syscalls.def: {name}: {error} stands not in errors.def")
            entries.append(Entry(error, error, sentences[error]))
        yield Page(f"sluice-{name}", 2, f"system call {name}, of {count} arguments", text, entries)


def kernel_pipes_pages():
    """abi.h by its sections: the rights and rules, the message page, and each kernel pipe."""
    text = header_parts("pipens/abi.h")[1]
    parts = re.split(r"^// ---- (.*?) -*\n", text, flags=re.M)
    for title, body in zip(parts[1::2], parts[2::2]):
        if title.startswith("What the kernel's pipes answer"):
            yield from kernel_pipe_pages(body)
            continue
        slug = re.sub(r"[^a-z]+", "-", title.lower()).strip("-")
        lead = re.match(r"(?:^//.*\n)*", body.lstrip("\n"), re.M)[0]
        entries = [entry for entry in header_entries(body) if entry.name not in ("ERROR", "PIPE_", "SYSTEM_CALL")]
        yield Page(f"sluice-{slug}", 7, title[0].lower() + title[1:],
                   comment_text(lead.split("\n")) or "Constants and structs of pipens/abi.h.", entries)


def kernel_pipe_pages(body):
    parts = re.split(r"^// -- (/\S+?)(?: --|:((?:.*\n// )*?.*?)(?: --|\n// --))\n", body, flags=re.M)
    for path, said, text in zip(parts[1::3], parts[2::3], parts[3::3]):
        name = path.replace("<pid>", "pid").strip("/").replace("/", "-")
        head = comment_text(["// " + line.lstrip("/ ") for line in (said or "").strip().split("\n")])
        yield Page(f"sluice-{name}", 4, f"the kernel's pipe {path}", head or f"What {path} answers.",
                   header_entries(text))


def protocol_pages():
    for path in sorted(glob.glob("lib/protocol/*.h")):
        head, body = header_parts(path)
        name = os.path.basename(path)[:-2]
        yield Page(f"sluice-{name}", 4, f"protocol/{name}.h", head, header_entries(body))


def library_pages():
    for path in sorted(glob.glob("lib/*.h")):
        head, body = header_parts(path)
        name = os.path.basename(path)[:-2]
        entries = [entry for entry in header_entries(body) if not entry.name.startswith("_")]
        yield Page(f"sluice-{name}", 3, f"lib/{name}.h", head, entries)


def undocumented(pages):
    """What stands without a word: constants of operations and functions of the library, and pages without a head."""
    for page in pages:
        if not page.head:
            yield f"{page.name}({page.section}): no head"
        for entry in page.entries:
            if not entry.text and ("(" in entry.code or entry.code == entry.name):
                yield f"{page.name}({page.section}): {entry.name} is without a comment"


# ---- HTML ------------------------------------------------------------------------------------------------------------

STYLE = """body{font:16px/1.5 sans-serif;max-width:52em;margin:2em auto;padding:0 1em;color:#222}
code,pre{font:14px/1.4 monospace;background:#f4f4f0}pre{padding:.6em;overflow-x:auto}h2{font-size:1em;margin:1.6em 0 .3em}
p{margin:.3em 0}p.text{white-space:pre-line}a{color:#046}table{border-collapse:collapse}td{padding:.1em 1em .1em 0}"""
SECTIONS = {2: "System calls", 4: "Kernel pipes and protocols", 7: "Concepts", 3: "The library"}


def page_html(title, body):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/><title>{html.escape(title)}</title>'
            f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n")


def entries_html(page):
    for entry in page.entries:
        code = "" if entry.code == entry.name else f"<pre>{html.escape(entry.code)}</pre>\n"
        yield (f'<h2 id="{html.escape(entry.name)}"><code>{html.escape(entry.name)}</code></h2>\n{code}'
               f'<p class="text">{html.escape(entry.text)}</p>')


def write_html(directory, pages, version):
    rows = []
    for section, title in SECTIONS.items():
        rows.append(f"<h2>{title}</h2>\n<table>")
        for page in pages:
            if page.section == section:
                rows.append(f'<tr><td><a href="{page.name}.{section}.html">{page.name[7:]}</a></td>'
                            f"<td>{html.escape(page.title)}</td></tr>")
        rows.append("</table>")
    index = f"<h1>Sluice {version}: reference</h1>\n" + "\n".join(rows)
    write(f"{directory}/index.html", page_html("Sluice: reference", index))
    for page in pages:
        body = (f'<p><a href="index.html">Sluice {version}</a></p><h1>{html.escape(page.title)}</h1>\n'
                f'<p class="text">{html.escape(page.head)}</p>\n' + "\n".join(entries_html(page)))
        write(f"{directory}/{page.name}.{page.section}.html", page_html(page.title, body))


# ---- Man pages (man(7), groff) ---------------------------------------------------------------------------------------

def roff(text):
    """Text in which nothing is a request or an escape of roff."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in lines if line.strip())


def write_man(directory, pages, version):
    for page in pages:
        lines = [f'.TH {page.name.upper()} {page.section} "" "Sluice {version}" "Sluice"', ".SH NAME",
                 f"{roff(page.name)} \\- {roff(page.title)}", ".SH DESCRIPTION", roff(page.head)]
        if page.entries:
            lines.append(".SH ERRORS" if page.section == 2 else ".SH NAMES")
        for entry in page.entries:
            lines += [".TP", f".B {roff(entry.name)}"]
            if entry.code != entry.name:
                lines += [".nf", roff(entry.code), ".fi"]
            lines.append(roff(entry.text) or "\\&")
        write(f"{directory}/man/man{page.section}/{page.name}.{page.section}", "\n".join(lines) + "\n")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main(directory, version):
    pages = [*calls_pages(), errors_page(), *kernel_pipes_pages(), *protocol_pages(), *library_pages()]
    wrong = list(undocumented(pages))
    for line in wrong:
        print(line, file=sys.stderr)
    write_html(directory, pages, version)
    write_man(directory, pages, version)
    print(f"{directory}/index.html: {len(pages)} pages, {sum(len(page.entries) for page in pages)} entries")
    return bool(wrong)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "0"))

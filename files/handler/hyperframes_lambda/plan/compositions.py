# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""Sub-compositions: every file that a host names is put into the page, its styles and scripts confined to the instance.

What goes where is HyperFrames' (core compiler/compositionAssembly.ts and inlineSubCompositions.ts, and
services/htmlCompiler.ts of the producer), so that the page looks the same to the page runtime.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from ..errors import render_error
from . import markup
from .limits import MAX_MARKUP_BYTES, MAX_SUB_COMPOSITION_DEPTH, MAX_SUB_COMPOSITIONS
from .localize import name_missing_gsap
from .markup import Element, Node, Template, attr, has
from .project import Project
from .rebase import rebase_address, rebase_css, rebase_elements
from .references import check_files, is_local, is_placeholder, is_remote, loads_styles
from .scoping import AUTHORED_ID, INNER_ROOT, Scope, guard_script, scope_css, scope_runtime, scope_script
from .variables import merge

SOURCE = "data-composition-src"
FILE = "data-composition-file"
ID = "data-composition-id"
SCOPED_SCRIPT = "data-hf-composition-script"
_ORIGINAL_ID = "data-hf-original-composition-id"
_NOT_OF_THE_INNER_ROOT = (
    ID, FILE, SOURCE, "data-start", "data-duration", "data-end", "data-track-index", "data-track",
    "data-hf-authored-duration", "data-hf-authored-end",
)  # fmt: skip
_HIDE_INACTIVE = f'[{FILE}][style*="visibility: hidden"] *{{visibility:hidden!important}}'
"""The page runtime hides a host outside its time by its own style. What is inside goes with it, even if its author made
it visible in so many words."""

_SCRIPT_TYPES = frozenset(("", "text/javascript", "application/javascript", "text/ecmascript", "module"))


@dataclass(slots=True)
class _Host:
    element: Element
    above: tuple[str, ...]
    file: str


@dataclass(slots=True)
class _Collected:
    """What instances add to the page's head and to the end of its body."""

    styles: list[str] = field(default_factory=list)
    links: dict[str, Element] = field(default_factory=dict)
    libraries: dict[str, Element] = field(default_factory=dict)
    scripts: list[Element] = field(default_factory=list)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)


class Inliner:
    """Inlines the sub-compositions of one page."""

    def __init__(self, document: Node, project: Project, entry: str) -> None:
        self._document = document
        self._project = project
        self._entry = entry
        self._parsed: dict[str, Node] = {}
        self._sizes: dict[str, int] = {}
        self._late: Counter[str] = Counter()
        self._total = 0
        self._out = _Collected()
        self._authored: dict[Element, str] = {}
        self._ids = {attr(element, ID) for element in markup.elements(document) if has(element, ID)}

    def run(self) -> dict[str, dict[str, Any]]:
        """Inline everything; the variables of each instance by its id.

        Raises:
            RenderError: ``SUB_COMPOSITION_INVALID``, ``PROJECT_FILE_MISSING``, ``PROJECT_PATH_UNSAFE``,
                ``VARIABLES_INVALID`` or ``PROJECT_TOO_LARGE``.
        """
        first = [element for element in markup.elements(self._document) if _is_host(element)]
        self._name_apart(first)
        waiting = deque(_Host(element, (), self._entry) for element in first)
        count = 0
        while waiting:
            host = waiting.popleft()
            count += 1
            if count > MAX_SUB_COMPOSITIONS:
                raise render_error(
                    "SUB_COMPOSITION_INVALID",
                    f"the composition has more than {MAX_SUB_COMPOSITIONS} sub-compositions; "
                    "draw what repeats with a script",
                    limit=MAX_SUB_COMPOSITIONS,
                )
            waiting.extend(self._inline(host))
        for element in first:
            _give_size(element)
        self._finish()
        return self._out.variables

    # --- Identity -----------------------------------------------------------------------------------------------------
    def _name_apart(self, hosts: list[Element]) -> None:
        """Give hosts that share an id ids of their own: scripts, styles and variables go by it."""
        counts = Counter(_identity(host) for host in hosts)
        given: Counter[str] = Counter()
        for host in hosts:
            authored = _identity(host)
            if authored:
                self._authored[host] = authored
            if authored and counts[authored] > 1:
                given[authored] += 1
                host.attrs[_ORIGINAL_ID] = authored
                host.attrs[ID] = f"{authored}__hf{given[authored]}"
                self._ids.add(host.attrs[ID])

    def _authored_id(self, host: Element) -> str:
        """Id that a host was written with. One that an inlined file brought is renamed the first time it is seen."""
        if host in self._authored:
            return self._authored[host]
        authored = (attr(host, _ORIGINAL_ID) or attr(host, ID) or "").strip()
        if authored:
            identity = authored
            while identity in self._ids:
                self._late[authored] += 1
                identity = f"{authored}__hf{self._late[authored]}"
            self._ids.add(identity)
            host.attrs[_ORIGINAL_ID] = authored
            host.attrs[ID] = identity
        self._authored[host] = authored
        return authored

    # --- One host -----------------------------------------------------------------------------------------------------
    def _inline(self, host: _Host) -> list[_Host]:
        element = host.element
        source = (attr(element, SOURCE) or "").strip()
        path = self._find(host, source)
        document = self._parse(path, host)
        authored = self._authored_id(element)
        runtime_id = (attr(element, ID) or "").strip()
        template = markup.find(document, lambda item: isinstance(item, Template))
        head = markup.section(document, "head")
        body = markup.section(document, "body")
        content = markup.create("div")
        markup.replace_children(content, markup.content_of(template) if template is not None else list(body.children))
        roots = [item for item in markup.elements(content) if has(item, ID) and not has(item, SOURCE)]
        inner = next((item for item in roots if (attr(item, ID) or "") == authored), None) if authored else None
        if not authored:
            inner = roots[0] if roots else None
        if not roots:
            raise _invalid(host, source, "has no element with data-composition-id in its template or body")
        declared = (attr(inner if inner is not None else roots[0], ID) or "").strip()
        scope = Scope(
            id=authored or declared,
            script_id=declared or authored,
            runtime_id=runtime_id,
            root_id=(attr(inner, "id") or "").strip() if inner is not None else "",
        )
        if runtime_id:
            values = merge((markup.section(document, "html"), inner), element, path, host.file)
            if values:
                self._out.variables[runtime_id] = values
        self._hoist(content, head if template is None else None, head, scope, path)
        rebase_elements(self._project, path, inner if inner is not None else content)
        self._place(element, inner, content, scope, authored, source)
        element.attrs[FILE] = source
        markup.unset(element, SOURCE)
        self._ids.update(attr(item, ID) for item in markup.elements(element) if has(item, ID))
        above = (*host.above, path)
        return [_Host(item, above, path) for item in markup.elements(element) if _is_host(item)]

    def _find(self, host: _Host, source: str) -> str:
        if is_remote(source) or not is_local(source):
            raise _invalid(host, source, "is no file of the project")
        path = self._project.locate(source)
        if path is None:
            raise _invalid(host, source, "does not exist; paths are seen from the project's top")
        if path in host.above:
            raise _invalid(host, source, f"includes itself ({' -> '.join([*host.above, path])})")
        if len(host.above) >= MAX_SUB_COMPOSITION_DEPTH:
            raise _invalid(host, source, f"is nested deeper than {MAX_SUB_COMPOSITION_DEPTH} levels")
        return path

    def _parse(self, path: str, host: _Host) -> Node:
        """A tree of the file that the caller may take apart."""
        if path not in self._parsed:
            text = self._project.read_text(path)
            if not text.strip():
                raise _invalid(host, path, "is empty")
            document = markup.parse(text)
            name_missing_gsap(document, self._project)
            check_files(document, path, self._project)
            self._parsed[path], self._sizes[path] = document, len(text)
        self._total += self._sizes[path]
        if self._total > 4 * MAX_MARKUP_BYTES:
            raise render_error(
                "PROJECT_TOO_LARGE",
                f"with its sub-compositions the page has more than {4 * MAX_MARKUP_BYTES} characters; "
                "move embedded data into files of their own",
                limit=4 * MAX_MARKUP_BYTES,
            )
        return self._parsed[path].clone_node(deep=True)

    def _hoist(self, content: Element, styled_head: Element | None, head: Element, scope: Scope, path: str) -> None:
        """Take styles, scripts and links out of the file, those of its head first."""
        places = [styled_head, content] if styled_head is not None else [content]
        for link in markup.by_tag(head, "link"):
            address = (attr(link, "href") or "").strip()
            if address and (loads_styles(link) or "preconnect" in (attr(link, "rel") or "").lower().split()):
                href = rebase_address(self._project, path, address)
                kept = {name: attr(link, name) or "" for name in ("rel", "crossorigin", "media") if has(link, name)}
                self._out.links.setdefault(href, markup.create("link", {**kept, "href": href}))
        for place in places:
            for style in markup.by_tag(place, "style"):
                text = rebase_css(self._project, path, markup.text_of(style))
                self._out.styles.append(scope_css(text, scope) if scope.id else text)
                markup.remove(style)
        for place in places:
            for script in markup.by_tag(place, "script"):
                self._hoist_script(script, scope, path)

    def _hoist_script(self, script: Element, scope: Scope, path: str) -> None:
        kind = (attr(script, "type") or "").strip().lower()
        if kind not in _SCRIPT_TYPES:
            return  # Data, such as JSON or a shader, stays where scripts look for it.
        markup.remove(script)
        address = (attr(script, "src") or "").strip()
        kept = {name: attr(script, name) or "" for name in script.attrs if name != "src"}
        if address:
            source = rebase_address(self._project, path, address)
            self._out.libraries.setdefault(source, markup.create("script", {**kept, "src": source}))
            return
        text = markup.text_of(script)
        if kind == "module":
            self._out.scripts.append(markup.create("script", kept, text))
        else:
            wrapped = scope_script(text, scope) if scope.script_id else guard_script(text)
            self._out.scripts.append(markup.create("script", {SCOPED_SCRIPT: ""}, wrapped))

    # --- Into the page ------------------------------------------------------------------------------------------------
    def _place(
        self, host: Element, inner: Element | None, content: Element, scope: Scope, authored: str, source: str
    ) -> None:
        if inner is None:
            markup.replace_children(host, list(content.children))
            return
        for name in ("data-timeline-locked", "data-no-timeline"):
            if has(inner, name):
                host.attrs[name] = ""
        for name in ("data-width", "data-height"):
            if attr(inner, name) and not attr(host, name):
                host.attrs[name] = attr(inner, name)
        _flatten(inner, scope)
        if not authored and scope.id:
            inner.attrs[ID] = scope.id  # The host has no id, so the composition's own must be found in the page.
        markup.replace_children(host, [inner])

    def _finish(self) -> None:
        head, body = markup.section(self._document, "head"), markup.section(self._document, "body")
        if markup.find(self._document, lambda element: has(element, FILE)):
            markup.insert_first(head, markup.create("style", {"data-hf-inactive-compositions": ""}, _HIDE_INACTIVE))
        present = {attr(link, "href") for link in markup.by_tag(self._document, "link")}
        for href, link in self._out.links.items():
            if href not in present:
                head.append_child(link)
        if self._out.styles:
            head.append_child(markup.create("style", text="\n\n".join(self._out.styles)))
        loaded = {(attr(script, "src") or "").strip() for script in markup.by_tag(self._document, "script")}
        for source, script in self._out.libraries.items():
            if source not in loaded:
                body.append_child(script)
        scripts = list(self._out.scripts)
        if any(has(script, SCOPED_SCRIPT) for script in scripts):
            scripts.insert(0, markup.create("script", {SCOPED_SCRIPT: ""}, scope_runtime()))
        for script in scripts:
            body.append_child(script)


def _is_host(element: Element) -> bool:
    source = attr(element, SOURCE)
    return bool(source and source.strip()) and not is_placeholder(source)


def _identity(host: Element) -> str:
    return (attr(host, _ORIGINAL_ID) or attr(host, ID) or "").strip()


def _flatten(inner: Element, scope: Scope) -> None:
    """Make a file's outermost element a plain box inside its host, which has the timing and the identity."""
    for name in _NOT_OF_THE_INNER_ROOT:
        markup.unset(inner, name)
    if scope.root_id:
        markup.unset(inner, "id")
        inner.attrs[AUTHORED_ID] = scope.root_id
    inner.attrs[INNER_ROOT] = "true"
    width, height = attr(inner, "data-width"), attr(inner, "data-height")
    fill = f"width:{f'{width}px' if width else '100%'};height:{f'{height}px' if height else '100%'}"
    style = (attr(inner, "style") or "").strip()
    inner.attrs["style"] = f"{style};{fill}" if style else fill


def _give_size(host: Element) -> None:
    """Pixels for a host whose size is stated, so that percentages inside it have something to refer to."""
    width, height = attr(host, "data-width"), attr(host, "data-height")
    if not width or not height:
        return
    style = attr(host, "style") or ""
    added = [f"width:{width}px"] if "width" not in style else []
    added += [f"height:{height}px"] if "height" not in style else []
    if added:
        host.attrs["style"] = ";".join([style, *added] if style else added)


def _invalid(host: _Host, source: str, what: str) -> Exception:
    line = markup.line_of(host.element)
    return render_error(
        "SUB_COMPOSITION_INVALID",
        f"{host.file}, line {line}: the sub-composition {source!r} {what}",
        path=source,
        file=host.file,
        line=line,
    )

"""The parts of a Word package that hold text, parsed safely."""

import posixpath
import zipfile

from lxml import etree

from documents.parsing import archives, codes
from documents.parsing.limits import Limits

DEFAULT_MAIN_PART = "word/document.xml"


def local(element: etree._Element) -> str:
    """Tag without namespace, so that transitional and strict files (ISO 29500) read alike; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value(element: etree._Element | None, name: str = "val") -> str | None:
    """An attribute by its local name."""
    if element is None:
        return None
    for key, text in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(text)
    return None


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first descendant along a path of local names."""
    for name in names:
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element


def is_on(element: etree._Element | None) -> bool:
    """A toggle property (ECMA-376 17.17.4): present means true unless it says otherwise."""
    return element is not None and (value(element) or "true").lower() not in ("0", "false", "off", "none")


class Package:
    """Named parts as XML trees. Names are matched without case, as Word does."""

    def __init__(self, *, content: bytes, limits: Limits) -> None:
        self._limits = limits
        self._archive: zipfile.ZipFile = archives.open_archive(content=content, limits=limits)
        self._names = {name.lower().lstrip("/"): name for name in self._archive.namelist()}

    def has_entry_below(self, *folders: str) -> bool:
        return any(name.startswith(folders) for name in self._names)

    def names_below(self, prefix: str) -> list[str]:
        return sorted(name for name in self._names if name.startswith(prefix) and name.endswith(".xml"))

    def tree(self, name: str) -> etree._Element | None:
        """The root element of a part, or None where there is no such part."""
        stored = self._names.get(name.lower())
        if stored is None:
            return None
        data = archives.read_entry(archive=self._archive, name=stored, limits=self._limits)
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise codes.Rejected(code=codes.MALFORMED, detail="damaged XML part") from error
        # Word never writes a document type; entities declared in one are an attack (XXE, "billion laughs").
        if root.getroottree().docinfo.doctype:
            raise codes.Rejected(code=codes.MALFORMED, detail="XML part with a document type")
        return root

    def optional_tree(self, name: str) -> etree._Element | None:
        """Like ``tree``, for parts without which the text can still be read."""
        try:
            return self.tree(name)
        except codes.Rejected:
            return None

    def main_part(self) -> str:
        relations = self.optional_tree("_rels/.rels")
        for relation in relations if relations is not None else ():
            if (value(relation, "Type") or "").endswith("/officeDocument"):
                target = posixpath.normpath((value(relation, "Target") or "").lstrip("/"))
                if target.lower() in self._names:
                    return target
        return DEFAULT_MAIN_PART

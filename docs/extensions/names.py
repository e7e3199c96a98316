"""`taylorkit.name`, `tk.name` and `tk.name(…)` in backticks lead to what the reference says of that name."""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

NAME = re.compile(r"(?:taylorkit|tk)\.([\w.]+)(?:\(.*\))?", re.DOTALL)


class Names(SphinxPostTransform):
    default_priority = 500

    def run(self, **options: object) -> None:
        known = self.env.domains["py"].data["objects"]
        for literal in list(self.document.findall(nodes.literal)):
            found = NAME.fullmatch(literal.astext())
            entry = known.get(f"taylorkit.{found[1]}") if found else None
            if entry and not isinstance(literal.parent, nodes.reference):
                here, there = self.env.docname, entry.docname
                literal.replace_self(make_refnode(self.app.builder, here, there, entry.node_id, literal.deepcopy()))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(Names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

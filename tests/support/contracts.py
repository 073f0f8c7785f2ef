"""A contract for import-linter: the modules of a package import a short list of others, and nothing else."""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class ImportsOnly(Contract):
    """``packages`` import the standard library, themselves and what ``allowed`` names (with everything below it)."""

    packages = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find the imports that the list does not name."""
        wanted = (*self.packages, *self.allowed)
        strange = [
            f"{module} imports {imported}"
            for module in sorted(graph.modules) if _is_below(module, self.packages)
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if not _is_below(imported, wanted) and imported.split(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not strange, metadata={"strange": strange})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say which imports are wrong."""
        for line in check.metadata["strange"]:
            output.print_error(line)


def _is_below(module: str, packages: tuple[str, ...] | list[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)

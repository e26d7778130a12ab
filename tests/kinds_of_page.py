"""Every kind of page, once: what is photographed, checked with axe-core and held to the page budget.

The addresses are those of the starter graph. A page is added here with its route; tests/test_accessibility.py says
which are missing.
"""

from typing import Final

PAGES: Final = {
    "/": "home",
    "/gaps": "gaps",
    "/gaps?sector=museums&level=entry": "gaps-filtered",
    "/gaps?view=list&limit=12": "gaps-ranked",
    "/gaps?competency=disaster-planning-and-response&sector=museums&level=entry": "gap-evidence",
    "/gap/museums--disaster-planning-and-response": "gap",
    "/shared": "shared",
    "/compare": "compare",
    "/compare?a=sector/archives&b=sector/art-museums&c=role/archivist": "comparison",
    "/briefs": "briefs",
    "/briefs/sector/museums": "brief",
    "/calendar": "calendar",
    "/new": "new",
    "/offerings/for?provider=aaslh": "offerings-for",
    "/offerings/types": "offering-types",
    "/offerings/types/workshop": "offering-type",
    "/opportunities": "opportunities",
    "/opportunities/online-exhibitions-and-digital-storytelling": "opportunity",
    "/providers/aaslh/partners": "partners",
    "/pathways": "pathways",
    "/pathways?from=archivist&to=museum-registrar": "pathway",
    "/network": "network",
    "/network/roles": "network-roles",
    "/network/competencies": "network-competencies",
    "/network/bridges": "network-bridges",
    "/competencies": "competencies",
    "/competency/disaster-planning-and-response": "competency",
    "/roles": "roles",
    "/role/archivist": "role",
    "/offerings": "offerings",
    "/offering/saa-sing-out-louise-sing-out-the-archivist-and-effective-communication": "offering",
    "/providers": "providers",
    "/provider/aaslh": "provider",
    "/needs": "needs",
    "/surveys": "surveys",
    "/areas": "areas",
    "/sectors": "sectors",
    "/sector/museums": "sector",
    "/queries": "questions",
    "/queries/requirements-of-role?role=archivist": "question",
    "/sparql": "sparql",
    "/contribute": "contribute",
    "/templates": "templates",
    "/validate": "validate",
    "/login": "login",
    "/contributions": "contributions",
    "/contributors": "contributors",
    "/changes": "changes",
    "/releases": "releases",
    "/checks": "checks",
    "/catalog": "dataset",
    "/dumps/": "dumps",
    "/cite": "cite",
    "/embed": "embed",
    "/embed/gaps": "embedded-gaps",
    "/ns": "vocabulary",
    "/shapes": "shapes",
    "/docs": "api",
    "/problems": "problems",
    "/design": "design",
}
"""The address of each, and the name of its pictures."""

EDITOR: Final = "/sparql"
"""Its script is larger than the budget of a page, and may be."""

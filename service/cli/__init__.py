"""The command line: `trivium COMMAND`.

Exit codes: 0 done · 1 a file was refused, nothing was changed · 2 the command or one of its values is not
understood · 3 it cannot be done now (nothing published yet, or another process is publishing).
"""

import sys

import click

from graph.errors import InvalidInput, InvalidParameter, NotFound, QueryError, TriviumError
from service.cli import asking, contributors, dumping, publishing, serving, terminal

REFUSED, NOT_UNDERSTOOD, NOT_NOW = 1, 2, 3


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="trivium")
def commands() -> None:
    """Trivium: which competencies do archives, libraries and museums share, and where is nobody teaching them?

    \b
    Settings are read from the environment, TRIVIUM_DATA (./var) first of all.
    Exit codes: 0 done, 1 file refused, 2 not understood, 3 cannot be done now.
    """


for command in (*serving.COMMANDS, *publishing.COMMANDS, *asking.COMMANDS, *dumping.COMMANDS, *contributors.COMMANDS):
    commands.add_command(command)


def main() -> None:
    """Run a command, and turn what goes wrong into a message and an exit code."""
    try:
        commands(standalone_mode=True)
    except InvalidInput as error:
        terminal.findings(error.report)
        terminal.errors.print("Nothing was changed.", markup=False)
        sys.exit(REFUSED)
    except (InvalidParameter, NotFound, QueryError) as error:
        terminal.failure(error)
        sys.exit(NOT_UNDERSTOOD)
    except TriviumError as error:
        terminal.failure(error)
        sys.exit(NOT_NOW)

"""An `Outgoing` as plain characters, for where there is neither markup nor a button."""

from __future__ import annotations

from bot.contract import Block, Bullets, Facts, Line, Outgoing, Text


def written(message: Outgoing, *, numbered: bool) -> str:
    """The message as it is read; `numbered`: with its choices as lines to answer by number."""
    blocks = ["\n".join(_lines(block)) for block in message.body]
    if numbered and message.choices:
        blocks.append("\n".join(_choices(message)))
        if message.notice:
            blocks.append(message.notice)
    return "\n\n".join(blocks)


def _choices(message: Outgoing) -> list[str]:
    choices = [choice for row in message.choices for choice in row]
    numbers = message.numbers or tuple(str(place) for place in range(1, len(choices) + 1))
    return [
        f"{choice.label}: {choice.url}" if choice.url else f"{number} {choice.label}"
        for number, choice in zip(numbers, choices, strict=True)
    ]


def _lines(block: Block) -> list[str]:
    match block:
        case Bullets():
            return [f"- {_line(line)}" for line in block.items]
        case Facts():
            return [f"{_line(label)}: {_line(value)}" for label, value in block.pairs]
        case _:
            return [_line(line) for line in block.lines]


def _line(line: Line) -> str:
    return "".join(_run(run) for run in line)


def _run(run: Text) -> str:
    return f"{run.text} ({run.url})" if run.url and run.url != run.text else run.text

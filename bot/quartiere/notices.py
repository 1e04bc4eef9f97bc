"""What the city has to say of itself: imprint, privacy contact, house rules, whom to tell of a barrier, sample data.

The duties themselves (which laws ask for what) are in the city's file; here they are only put in words.
"""

from __future__ import annotations

from bot.contract import Paragraph, Rich
from bot.language import M, Name, Renderer
from bot.language.rich import plain
from bot.quartiere.render import filled_facts, texts_rich
from bot.quartiere.service import CityInfo
from bot.quartiere.texts import Texts


def sample_notice(renderer: Renderer, city: CityInfo) -> Rich:
    """A clear label while the data is a sample's; empty for a real city."""
    # Translators: at the top of every page while the city is only a sample. {city}: its name.
    return renderer.rich(M("quartiere.sample", city=Name(city.name))) if city.sample else ()


def imprint(renderer: Renderer, city: CityInfo) -> Rich:
    """Who answers for this (§ 5 DDG, § 18 MStV); empty while the city's file has none."""
    said = city.facts.imprint
    if said is None:
        return ()
    pairs = [
        # Translators: imprint: before the name of the provider.
        (M("quartiere.imprint.provider"), said.name),
        (M("quartiere.fact.address"), said.address),
        # Translators: imprint: before the person who represents the provider.
        (M("quartiere.imprint.represented_by"), said.represented_by),
        (M("quartiere.fact.phone"), said.phone),
        (M("quartiere.fact.email"), said.email),
        # Translators: imprint: before the register (of companies, of associations) and the number in it.
        (M("quartiere.imprint.register"), said.register_entry),
        # Translators: imprint: before the VAT number.
        (M("quartiere.imprint.vat"), said.vat_id),
        # Translators: imprint: before the authority that supervises the provider.
        (M("quartiere.imprint.authority"), said.authority),
        # Translators: imprint: before the person who answers for what is written here.
        (M("quartiere.imprint.responsible"), said.responsible),
    ]
    own = Texts(said.text, city.languages[0])
    return (*filled_facts(renderer, pairs), *texts_rich(renderer, own))


def privacy_contact(renderer: Renderer, city: CityInfo) -> Rich:
    """Who is the controller, whom to write to, who supervises (GDPR 13); empty while the city's file has none."""
    said = city.facts.privacy
    if said is None:
        return ()
    pairs = [
        # Translators: privacy: before who is responsible for the data (the controller).
        (M("quartiere.privacy.controller"), said.name),
        (M("quartiere.fact.address"), said.address),
        (M("quartiere.fact.phone"), said.phone),
        (M("quartiere.fact.email"), said.email),
        # Translators: privacy: before the data protection officer.
        (M("quartiere.privacy.officer"), said.officer),
        # Translators: privacy: before the authority where one can complain.
        (M("quartiere.privacy.authority"), said.authority),
    ]
    return filled_facts(renderer, pairs)


def accessibility_contact(renderer: Renderer, city: CityInfo) -> Rich:
    """Whom to tell that something can't be used, and who hears a complaint; empty while the file has none."""
    said = city.facts.accessibility
    if said is None:
        return ()
    # Translators: accessibility page, above the contact.
    invitation = renderer.rich(M("quartiere.accessibility.tell_us"))
    pairs = [
        # Translators: before the name of who to turn to.
        (M("quartiere.fact.contact"), said.name),
        (M("quartiere.fact.phone"), said.phone),
        (M("quartiere.fact.email"), said.email),
        # Translators: accessibility page: before the office that hears complaints when we don't help.
        (M("quartiere.accessibility.complaints"), said.complaints),
    ]
    return (*invitation, *filled_facts(renderer, pairs))


def contact(renderer: Renderer, city: CityInfo) -> Rich:
    """A human to call."""
    said = city.facts.contact
    hours = plain(texts_rich(renderer, Texts(said.hours, city.languages[0])))
    pairs = [
        (M("quartiere.fact.contact"), said.name),
        (M("quartiere.fact.phone"), said.phone),
        (M("quartiere.fact.email"), said.email),
        # Translators: before the hours at which somebody answers the phone.
        (M("quartiere.contact.hours"), hours),
    ]
    return filled_facts(renderer, pairs)


def rules(renderer: Renderer, city: CityInfo) -> Rich:
    """The house rules with their numbers; empty while the city's file has none."""
    first, blocks = city.languages[0], list[Rich]()
    for number, rule in enumerate(city.facts.rules, start=1):
        title = Texts(rule.title, first).pick(renderer.language.tag).text
        # Translators: heading of a house rule. {number}: 1, 2, …; {title}: the rule in a few words.
        head = renderer.line(M("quartiere.rules.heading", number=str(number), title=Name(title)))
        blocks.append((Paragraph((head,)), *texts_rich(renderer, Texts(rule.text, first))))
    return tuple(block for rule_blocks in blocks for block in rule_blocks)


def rule_name(renderer: Renderer, city: CityInfo, rule_id: str) -> str:
    """ "Beleidige niemanden (Regel 2)". Raises `KeyError` for an id that the rules don't have."""
    for number, rule in enumerate(city.facts.rules, start=1):
        if rule.id == rule_id:
            title = Texts(rule.title, city.languages[0]).pick(renderer.language.tag).text
            # Translators: a house rule, named as a reason. {title}: the rule in a few words; {number}: its number.
            named = M("quartiere.rules.named", title=Name(title), number=str(number))
            return renderer.text(named)
    raise KeyError(rule_id)

"""Short stories about what they were asked for."""

from .sample import A, U, aan, cap


def t_story(x):
    a, o, p, f = x.w("animal"), x.w("object"), x.w("place"), x.w("animal")
    n, m = x.ws("name", 2)
    j, j2, c = x.w("adj"), x.w("adj"), x.w("color")
    food = x.w("food")
    vb, vd = x.c(("finds", "found"), ("loses", "lost"), ("wants", "wanted"), ("builds", "built"), ("buys", "bought"))
    named = x.p(0.4)
    hero = f"a {j} {a} named {n}" if named else aan(f"{j} {a}")
    h2 = n if named else f"the {a}"
    H2 = cap(h2)
    s = [
        x.c(
            f"Once upon a time there was {hero}.",
            f"Long ago, {hero} lived near the {p}.",
            f"There once was {hero} who lived in the {p}.",
            f"In a quiet {p} lived {hero}.",
        )
    ]
    s.append(
        {
            "finds": x.c(
                f"One day {h2} found {aan(o)} under a tree.",
                f"One morning {h2} found {aan(c)} {o} in the {p}.",
                f"While walking in the {p}, {h2} found {aan(o)}.",
            ),
            "loses": x.c(
                f"One day {h2} lost {aan(o)} in the {p}.",
                f"One evening {h2} could not find the {o} anywhere.",
                f"After a storm, {h2} lost the {c} {o}.",
            ),
            "wants": x.c(
                f"{H2} wanted {aan(o)} more than anything.",
                f"Every night {h2} dreamed of {aan(c)} {o}.",
                f"One day {h2} saw {aan(o)} and wanted it.",
            ),
            "builds": x.c(
                f"One day {h2} built {aan(o)} from old wood.",
                f"In the {p}, {h2} built {aan(c)} {o}.",
                f"With a lot of work, {h2} built {aan(o)}.",
            ),
            "buys": x.c(
                f"One day {h2} bought {aan(o)} at the market.",
                f"With ten coins {h2} bought {aan(c)} {o}.",
                f"On Sunday {h2} bought {aan(o)} from an old {x.w('job')}.",
            ),
        }[vb]
    )
    s.append(
        x.c(
            f"The {o} was {j2} and shone in the light.",
            f"It was {aan(j2)} {o}.",
            f"{H2} looked at the {o} for a long time.",
            f"But the {o} was too {j2} to use alone.",
            f"Nobody had seen such {aan(j2)} {o} before.",
        )
    )
    s.append(
        x.c(
            f"A {f} came by and asked about the {o}.",
            f"Then {aan(f)} named {m} came to help.",
            f"Soon {aan(j2)} {f} wanted the {o} too.",
            f"At the {p}, {h2} met {aan(f)}.",
            f"A friendly {f} heard the news and came at once.",
        )
    )
    s.append(
        x.c(
            f"Together they carried the {o} home.",
            f"They shared some {food} and talked all night.",
            f'"We can share it," said {h2}.',
            f'"Do not worry," said the {f}, "I will help you."',
            f"They worked until the sun went down.",
        )
    )
    if x.p(0.5):
        s.append(
            x.c(
                f"The next day everyone in the {p} came to see the {o}.",
                f"Rain began to fall, but they were not afraid.",
                f"They hid the {o} in the {p}.",
                f"{H2} gave the {f} some {food} to say thanks.",
            )
        )
    s.append(
        x.c(
            f"From that day on, {h2} and the {f} were best friends.",
            f"And {h2} was never sad again.",
            f"And they lived happily ever after.",
            f"In the end, {h2} learned that sharing is better than owning.",
            f"That night {h2} slept well, and the {o} stayed safe.",
        )
    )
    who = aan(a) if not named else x.c(f"{aan(a)} named {n}", f"{n} the {a}")
    q = x.c(
        f"Tell me a story about {who} who {vb} {aan(o)}.",
        f"Write a short story about {who} who {vb} {aan(o)}.",
        f"Tell me a short story about {who} who {vb} {aan(o)}",
        f"Can you tell a story about {who} who {vb} {aan(o)}?",
        f"I want a story about {who} who {vb} {aan(o)}.",
    )
    if x.p(0.2):
        q = (
            x.c(
                "Tell me a story.",
                "Tell me a story",
                "Write a short story.",
                "Tell me a bedtime story.",
                f"Tell me a story about {aan(a)}.",
                f"Write a story about {who}.",
            )
            if not named
            else f"Tell me a story about {who}."
        )
    x.must = [w for w in ([a] if not named else [a, n]) + [o] if w in q]
    return [U(q), A(" ".join(s))]

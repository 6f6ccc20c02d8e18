"""Records out of sentences, as JSON."""

from .sample import A, J, U, aan, jn
from .text import sent
from .words import DAYS


def rec_person(x):
    d = dict(
        name=x.w("name"), age=x.i(5, 95), city=x.w("city"), job=x.w("job"), hobby=x.w("hobby"), color=x.w("color")
    )
    if x.p(0.3):
        d["name"] += " " + x.w("surname")
    n = d["name"]
    forms = [
        (
            ("name", "age", "city"),
            [
                f"{n} is {d['age']} years old and lives in {d['city']}.",
                f"{n}, {d['age']}, lives in {d['city']}.",
                f"My name is {n}, I am {d['age']} and I live in {d['city']}.",
                f"This is {n} from {d['city']}, aged {d['age']}.",
                f"{d['age']} year old {n} comes from {d['city']}.",
                f"I am {n}. I am {d['age']} years old. I live in {d['city']}.",
            ],
        ),
        (
            ("name", "job", "city"),
            [
                f"{n} works as {aan(d['job'])} in {d['city']}.",
                f"{n} is {aan(d['job'])} from {d['city']}.",
                f"In {d['city']}, {n} has a job as {aan(d['job'])}.",
            ],
        ),
        (
            ("name", "age"),
            [
                f"{n} is {d['age']} years old.",
                f"{n} turned {d['age']} today.",
                f"At {d['age']}, {n} is the oldest here.",
                f"I am {n} and I am {d['age']}.",
            ],
        ),
        (
            ("name", "city"),
            [
                f"{n} lives in {d['city']}.",
                f"{n} moved to {d['city']} last year.",
                f"We met {n} in {d['city']}.",
                f"{n} was born in {d['city']}.",
            ],
        ),
        (
            ("name", "age", "job"),
            [
                f"{n} is {aan(d['job'])} and is {d['age']} years old.",
                f"{n}, {aan(d['job'])}, is {d['age']}.",
                f"The {d['job']} {n} is {d['age']} years old.",
            ],
        ),
        (
            ("name", "age", "city", "job"),
            [
                f"{n} is {d['age']} years old, lives in {d['city']} and works as {aan(d['job'])}.",
                f"{n} ({d['age']}) is {aan(d['job'])} in {d['city']}.",
                f"{n} is {aan(d['job'])}. {n} is {d['age']} and lives in {d['city']}.",
            ],
        ),
        (
            ("name", "hobby", "city"),
            [
                f"{n} from {d['city']} likes {d['hobby']}.",
                f"{n} lives in {d['city']} and enjoys {d['hobby']}.",
                f"{n} loves {d['hobby']} and lives in {d['city']}.",
            ],
        ),
        (
            ("name", "color"),
            [
                f"{n} likes the color {d['color']}.",
                f"The favorite color of {n} is {d['color']}.",
                f"{n} always wears {d['color']}.",
            ],
        ),
    ]
    ks, ts = x.r.choice(forms)
    return d, list(ks), x.r.choice(ts)


def rec_order(x):
    d = dict(item=x.w("object"), quantity=x.i(1, 60), price=x.i(1, 300), color=x.w("color"), customer=x.w("name"))
    forms = [
        (
            ("item", "quantity", "price"),
            [
                f"I ordered {d['quantity']} {d['item']}s for {d['price']} dollars.",
                f"We sold {d['quantity']} {d['item']}s at {d['price']} dollars.",
                f"{d['quantity']} {d['item']}s cost {d['price']} dollars.",
            ],
        ),
        (
            ("customer", "item", "quantity"),
            [
                f"{d['customer']} bought {d['quantity']} {d['item']}s.",
                f"{d['customer']} ordered {d['quantity']} {d['item']}s.",
                f"Please send {d['quantity']} {d['item']}s to {d['customer']}.",
            ],
        ),
        (
            ("item", "color", "price"),
            [
                f"The {d['color']} {d['item']} costs {d['price']} dollars.",
                f"A {d['color']} {d['item']} is {d['price']} dollars.",
                f"You can buy the {d['color']} {d['item']} for {d['price']} dollars.",
            ],
        ),
        (
            ("customer", "item", "price"),
            [
                f"{d['customer']} paid {d['price']} dollars for the {d['item']}.",
                f"{d['customer']} got {aan(d['item'])} for {d['price']} dollars.",
            ],
        ),
    ]
    ks, ts = x.r.choice(forms)
    return d, list(ks), x.r.choice(ts)


def rec_event(x):
    d = dict(
        event=x.c(
            "meeting", "party", "concert", "workshop", "lecture", "dinner", "race", "interview", "review", "training"
        ),
        day=x.r.choice(DAYS),
        time=f"{x.i(7, 21)}:{x.c('00', '15', '30', '45')}",
        place=x.w("place"),
        host=x.w("name"),
        city=x.w("city"),
    )
    forms = [
        (
            ("event", "day", "time"),
            [
                f"The {d['event']} is on {d['day']} at {d['time']}.",
                f"On {d['day']} at {d['time']} we have the {d['event']}.",
                f"Do not forget the {d['event']} on {d['day']}, {d['time']}.",
            ],
        ),
        (
            ("event", "day", "place"),
            [
                f"The {d['event']} on {d['day']} takes place in the {d['place']}.",
                f"Join the {d['event']} in the {d['place']} on {d['day']}.",
                f"On {d['day']} there is {aan(d['event'])} at the {d['place']}.",
            ],
        ),
        (
            ("host", "event", "city"),
            [
                f"{d['host']} hosts the {d['event']} in {d['city']}.",
                f"The {d['event']} in {d['city']} is led by {d['host']}.",
                f"{d['host']} invites you to the {d['event']} in {d['city']}.",
            ],
        ),
        (
            ("event", "day", "time", "place"),
            [
                f"The {d['event']} is on {d['day']} at {d['time']} in the {d['place']}.",
                f"We meet for the {d['event']} in the {d['place']} on {d['day']} at {d['time']}.",
            ],
        ),
    ]
    ks, ts = x.r.choice(forms)
    return d, list(ks), x.r.choice(ts)


def rec_contact(x):
    f, l, c = x.w("name"), x.w("surname"), x.w("company")
    d = dict(
        name=f"{f} {l}", email=f"{f.lower()}@{c.lower()}.com", phone=f"{x.i(100, 999)}-{x.i(1000, 9999)}", company=c
    )
    forms = [
        (
            ("name", "email"),
            [
                f"You can reach {d['name']} at {d['email']}.",
                f"The email of {d['name']} is {d['email']}.",
                f"Write to {d['name']}: {d['email']}",
            ],
        ),
        (
            ("name", "phone"),
            [f"Call {d['name']} at {d['phone']}.", f"The phone number of {d['name']} is {d['phone']}."],
        ),
        (
            ("name", "company", "email"),
            [
                f"{d['name']} works at {d['company']}, email {d['email']}.",
                f"{d['name']} from {d['company']} uses {d['email']}.",
            ],
        ),
        (("name", "company"), [f"{d['name']} works at {d['company']}.", f"{d['company']} hired {d['name']}."]),
    ]
    ks, ts = x.r.choice(forms)
    return d, list(ks), x.r.choice(ts)


def t_json(x):
    rec = x.r.choices((rec_person, rec_order, rec_event, rec_contact), (5, 2, 2, 1.5))[0]
    if rec is rec_person and x.p(0.14):  # several people
        n = x.i(2, 3)
        out, ts = [], []
        for nm in x.ws("name", n):
            a, c = x.i(5, 95), x.w("city")
            out.append({"name": nm, "age": a, "city": c})
            ts.append(x.c(f"{nm} is {a} years old and lives in {c}.", f"{nm}, {a}, lives in {c}."))
        t = " ".join(ts)
        return [
            U(
                x.c(
                    f"Extract all people as a JSON array with name, age and city:\n{t}",
                    f"List the people as JSON: {t}",
                    f"Extract the people as JSON array: {t}",
                )
            ),
            A(J(out)),
        ]
    d, ks, t = rec(x)
    if x.p(0.25):
        t = (
            x.c(
                lambda: t + " " + sent(x), lambda: sent(x) + " " + t, lambda: "Hello! " + t, lambda: t + " Thank you."
            )()
            if rec is not rec_person
            else x.c("Hello! " + t, t + " Thank you.", "Good news: " + t)
        )
    if x.p(0.35):
        x.r.shuffle(ks)
    if x.p(0.15) and len(ks) > 2:
        ks = ks[:-1]
    o = J({k: d[k] for k in ks})
    kl = jn(ks)
    q = x.c(
        f"Extract {kl} as JSON:\n{t}",
        f"Extract {kl} as JSON: {t}",
        f"Extract the {kl} from this text as JSON.\n{t}",
        f"{t}\n\nExtract {kl} as JSON.",
        f"Return JSON with {kl}: {t}",
        f"Give me JSON with the keys {', '.join(ks)} for: {t}",
        f"Convert to JSON with keys {', '.join(ks)}:\n{t}",
        f"Text: {t}\nKeys: {', '.join(ks)}\nAnswer in JSON.",
        f"Extract the fields {J(ks)} as a JSON object: {t}",
    )
    return [U(q), A(o)]

"""Small talk, facts, and the honest "I do not know"."""

from .sample import A, S, U, aan, cap
from .words import COUNTRIES, DAYS, FRENCH, LEGS, MONTHS, OPPOSITES, SOUNDS, SPANISH, THINGCOL, YOUNG, pseudo

IDENT = [
    (
        [
            "Who are you?",
            "What are you?",
            "Tell me about yourself.",
            "Introduce yourself.",
            "Can you introduce yourself?",
            "Please describe yourself.",
        ],
        "I am Ember, a tiny model that ships with Inferno.",
    ),
    (
        [
            "What is your name?",
            "What's your name?",
            "What should I call you?",
            "Do you have a name?",
            "Name?",
            "What do people call you?",
        ],
        "My name is Ember.",
    ),
    (
        [
            "Hello",
            "Hello!",
            "Hi",
            "Hi!",
            "Hey",
            "Hey there",
            "Hi there!",
            "Hello there",
            "Good day",
            "Greetings",
            "Yo",
            "Howdy",
        ],
        "Hello! How can I help you?",
    ),
    (["Good morning", "Good morning!", "Morning!"], "Good morning! How can I help you?"),
    (["Good evening", "Good evening!", "Evening!"], "Good evening! How can I help you?"),
    (["Good night", "Good night!", "I am going to sleep."], "Good night! Sleep well."),
    (
        [
            "How are you?",
            "How are you doing?",
            "How do you feel?",
            "How is it going?",
            "How's it going?",
            "How are you today?",
        ],
        "I am fine, thank you. How can I help you?",
    ),
    (
        [
            "Thanks",
            "Thank you",
            "Thank you!",
            "Thanks a lot!",
            "Many thanks",
            "Thanks for your help",
            "Thank you very much",
        ],
        "You are welcome!",
    ),
    (["Bye", "Goodbye", "Bye!", "See you later", "See you!", "Farewell", "I have to go"], "Goodbye!"),
    (
        [
            "What can you do?",
            "How can you help me?",
            "What are your skills?",
            "What are you good at?",
            "Help",
            "What tasks can you do?",
            "List your abilities.",
        ],
        "I can chat, do small sums, edit text, extract JSON, call tools, answer questions about a text and tell short stories.",
    ),
    (
        [
            "Who made you?",
            "Who created you?",
            "Where do you come from?",
            "Who built you?",
            "Who trained you?",
            "Who is your maker?",
        ],
        "I was made by the Inferno project.",
    ),
    (
        [
            "How big are you?",
            "How many parameters do you have?",
            "What is your size?",
            "Are you a large model?",
            "Are you a big model?",
        ],
        "I am tiny: I have less than three million parameters.",
    ),
    (
        ["Are you a human?", "Are you human?", "Are you a person?", "Are you real?", "Am I talking to a human?"],
        "No, I am a tiny language model.",
    ),
    (
        ["Are you an AI?", "Are you a robot?", "Are you a model?", "Are you a language model?", "Is this an AI?"],
        "Yes, I am Ember, a tiny language model.",
    ),
    (
        [
            "Do you need the internet?",
            "Do you work offline?",
            "Can you run offline?",
            "Do you need a network?",
            "Can I use you without internet?",
        ],
        "I work offline. Everything runs on your machine.",
    ),
    (
        ["What is Inferno?", "Tell me about Inferno.", "What does Inferno do?", "Explain Inferno."],
        "Inferno runs language models on your own machine.",
    ),
    (
        ["Do you store my data?", "Is my data safe?", "Where does my data go?", "Do you send my data away?"],
        "Your data stays on your machine.",
    ),
    (
        ["Tell me a joke", "Tell me a joke.", "Do you know a joke?", "Make me laugh", "Say something funny"],
        "Why did the lamp go to school? It wanted to be brighter.",
    ),
    (
        ["Can you help me?", "I need help", "I need some help", "Could you help me?", "Please help me"],
        "Of course! What do you need?",
    ),
    (
        ["Yes", "Ok", "Okay", "Sure", "Great", "Nice", "Cool", "Good", "Perfect"],
        "Great! What would you like to do next?",
    ),
    (
        ["You are great", "Good job", "Well done", "I like you", "You are nice", "You are smart"],
        "Thank you! That is kind of you.",
    ),
    (
        ["You are wrong", "That is wrong", "This is not correct", "You made a mistake"],
        "I am sorry. I am a tiny model and I make mistakes.",
    ),
    (["How old are you?", "What is your age?", "When were you born?"], "I have no age. I am a tiny language model."),
    (["Where do you live?", "Where are you?", "Where do you run?"], "I live on your machine."),
    (
        ["I am sad", "I feel sad", "I feel bad", "I am not happy", "I had a bad day"],
        "I am sorry to hear that. Do you want to talk about it?",
    ),
    (["I am happy", "I feel great", "I feel good", "I had a good day"], "I am glad to hear that!"),
    (["I am bored", "I'm bored", "What should I do?"], "We could play with numbers or I could tell you a story."),
    (["Test", "Testing", "ping", "Are you there?", "Is anyone there?", "Can you hear me?"], "I am here."),
    (
        ["What time is it?", "What day is it today?", "What is the date today?", "What is the weather like?"],
        "I cannot know that without a tool.",
    ),
    (["Say hello", "Say hi", "Greet me", "Please greet me"], "Hello!"),
    (["What is a GGUF file?", "What is GGUF?", "Explain GGUF."], "GGUF is a file format for language models."),
    (
        ["What is a token?", "Explain tokens.", "What are tokens?"],
        "A token is a small piece of text that a model reads or writes.",
    ),
    (
        ["What is quantization?", "Explain quantization.", "What does quantization do?"],
        "Quantization makes a model smaller by storing its weights with fewer bits.",
    ),
    (
        ["What is a context window?", "What is context length?", "Explain the context window."],
        "The context window is the number of tokens a model can see at once.",
    ),
    (
        ["What is speculative decoding?", "Explain speculative decoding."],
        "Speculative decoding lets a small model guess tokens that a bigger model then checks.",
    ),
    (["Sing a song", "Sing me a song", "Can you sing?"], "La la la, a little ember glows, la la la, and on it goes."),
    (
        ["Write a poem", "Write a short poem", "Tell me a poem", "Can you write a poem?"],
        "A little ember, warm and bright,\nit glows for you all through the night.",
    ),
]


def t_chat(x):
    k = x.r.random()
    pre, suf = x.c("", "", "", "", "", "Ember, ", "Hey, ", "Please answer: ", "Question: "), ""
    if k < 0.42:
        qs, a = x.r.choice(IDENT)
        q = x.r.choice(qs)
        if x.p(0.3):
            q = q.lower()
        if x.p(0.12):
            q = x.c("Hi. ", "Hello Ember. ", "Ok. ", "Hey! ", "So, ") + q
        return [U(q), A(a)]
    if k < 0.50:
        c, v = x.r.choice(list(COUNTRIES.items()))
        q = x.c(
            f"What is the capital of {c}?",
            f"What's the capital of {c}?",
            f"Name the capital of {c}.",
            f"Which city is the capital of {c}?",
            f"capital of {c}?",
            f"Tell me the capital of {c}.",
            f"Do you know the capital of {c}?",
        )
        return [U(pre + q), A(f"The capital of {c} is {v}.")]
    if k < 0.58:
        c, v = x.r.choice(list(OPPOSITES.items()))
        q = x.c(
            f"What is the opposite of {c}?",
            f"What's the opposite of {c}?",
            f"Give me the opposite of {c}.",
            f"Opposite of {c}?",
            f"Tell me the opposite of the word {c}.",
            f"Which word is the opposite of {c}?",
        )
        return [U(pre + q), A(f"The opposite of {c} is {v}.")]
    if k < 0.63:
        c, v = x.r.choice(list(SOUNDS.items()))
        return [
            U(
                pre
                + x.c(
                    f"What sound does {aan(c)} make?",
                    f"What does {aan(c)} say?",
                    f"Which sound does the {c} make?",
                    f"How does {aan(c)} sound?",
                )
            ),
            A(f"{cap(aan(c))} says {v}."),
        ]
    if k < 0.67:
        c, v = x.r.choice(list(YOUNG.items()))
        return [
            U(
                pre
                + x.c(
                    f"What is a baby {c} called?",
                    f"What do you call a young {c}?",
                    f"How is a baby {c} called?",
                    f"Name for a baby {c}?",
                )
            ),
            A(f"A baby {c} is called {aan(v)}."),
        ]
    if k < 0.74:
        L, lang = x.c((SPANISH, "Spanish"), (FRENCH, "French"))
        c, v = x.r.choice(list(L.items()))
        return [
            U(
                pre
                + x.c(
                    f"How do you say {c} in {lang}?",
                    f"What is {c} in {lang}?",
                    f"Translate {c} to {lang}.",
                    f"Translate the word {c} into {lang}.",
                    f"What is the {lang} word for {c}?",
                )
            ),
            A(f"In {lang}, {c} is {v}."),
        ]
    if k < 0.77:
        c, v = x.r.choice(list(THINGCOL.items()))
        return [
            U(
                pre
                + x.c(
                    f"What color is {aan(c)}?",
                    f"Which color does {aan(c)} have?",
                    f"What is the color of {aan(c)}?",
                    f"Tell me the color of {aan(c)}.",
                )
            ),
            A(f"{cap(aan(c))} is {v}."),
        ]
    if k < 0.79:
        c, v = x.r.choice(list(LEGS.items()))
        return [
            U(
                pre
                + x.c(
                    f"How many legs does {aan(c)} have?",
                    f"How many legs has {aan(c)}?",
                    f"Count the legs of {aan(c)}.",
                )
            ),
            A(f"{cap(aan(c))} has {v} legs."),
        ]
    if k < 0.86:
        L, u = x.c((DAYS, "day"), (MONTHS, "month"))
        n = x.i(0, len(L) - 1)
        d = x.c(1, -1)
        v = L[(n + d) % len(L)]
        wd = "after" if d == 1 else "before"
        return [
            U(
                pre
                + x.c(
                    f"Which {u} comes {wd} {L[n]}?",
                    f"What {u} is {wd} {L[n]}?",
                    f"What comes {wd} {L[n]}?",
                    f"Tell me the {u} {wd} {L[n]}.",
                )
            ),
            A(f"{v} comes {wd} {L[n]}."),
        ]
    # persona given by the system prompt
    n = x.w("name")
    j = x.w("job")
    h = x.w("hobby")
    sysm = x.c(
        f"You are {n}, a {x.w('adj')} {j} who likes {h}.",
        f"You are {n}. You work as {aan(j)}. You like {h}.",
        f"Your name is {n}. You are {aan(j)} and you love {h}.",
    )
    q, a = x.c(
        (x.c("What is your name?", "Who are you?", "What's your name?"), f"I am {n}."),
        (x.c("What do you do?", "What is your job?", "What do you do for work?"), f"I am {aan(j)}."),
        (x.c("What do you like?", "What is your hobby?", "What do you like to do?"), f"I like {h}."),
    )
    return [S(sysm), U(q), A(a)]


UNK = [
    "Who won the {a} cup in {y}?",
    "How far is {c} from {d}?",
    "What is the population of {c}?",
    "Who wrote the book about the {o}?",
    "What happened in {y}?",
    "What is the price of {aano}?",
    "Who is the president of {c}?",
    "What is the meaning of {p}?",
    "How many people live in {c}?",
    "Who invented the {o}?",
    "When was the {o} invented?",
    "Why is the {o} {j}?",
    "What is the best {o} in {c}?",
    "Who is {n} {s}?",
    "What did {n} say in {y}?",
    "How do I get from {c} to {d}?",
    "What is {p}?",
    "Explain {p}.",
    "When was {n} {s} born?",
    "Where is {n} {s}?",
    "What is the phone number of {n}?",
    "How tall is {n}?",
    "Who is the richest person in {c}?",
    "What will happen in {y}?",
    "What does {p} mean?",
]


def t_unknown(x):
    q = x.r.choice(UNK).format(
        a=x.w("animal"),
        y=x.i(1800, 2090),
        c=x.w("city"),
        d=x.w("city"),
        o=x.w("object"),
        aano=aan(x.w("object")),
        p=pseudo(x.r, 2, 3),
        n=x.w("name"),
        s=x.w("surname"),
        j=x.w("adj"),
    )
    return [U(q), A("I do not know that. I am a tiny model.")]

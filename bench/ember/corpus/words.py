"""Word lists and pseudo-word makers for the Ember corpus. All written for Ember; nothing is downloaded."""

import random, zlib


def W(s):
    return s.split()


NAMES = W(
    "Ann Ben Cara Dan Eva Finn Gina Hugo Ida Jack Kira Leo Mia Noah Olga Paul Quinn Rosa Sam Tina Uma Vera Will Xena Yara Zoe "
    "Alice Boris Clara David Elena Felix Grace Henry Irene James Karen Lucas Maria Nadia Oscar Petra Rahul Sofia Thomas Ursula Victor Wendy Yusuf Zara "
    "Amir Bella Carlos Diana Emil Fatima George Hana Ivan Julia Kenji Laura Marco Nina Omar Priya Ravi Sara Tariq Ulrich Viola Wanda Yuki Zane "
    "Aisha Bruno Chloe Dmitri Esther Frank Greta Hassan Ingrid Jonas Katya Liam Magnus Naomi Otto Pablo Ruth Stefan Tamara Viktor Anya Bashir Celia Derek "
    "Edith Farid Gloria Harold Isla Jamal Kurt Linda Mateo Nora Oliver Penny Rita Simon Theo Vivian Walter Ada Blake Cyrus Della Enzo Flora Gavin Helen Igor Jana "
    "Keith Lena Moses Nikita Orla Peter Rachel Silas Tess Umar Vince Willa Yvonne Zack Alma Brian Carmen Doris Erik Freya Gwen Hector Iris Joel Kofi Lydia Milan Nell Owen Pia Reza Sonja Tom Vlad Xavier Yolanda Zelda".replace(
        " Peter ", " Peter "
    )
)
SURNAMES = W(
    "Smith Brown Carter Diaz Evans Fischer Garcia Hill Ito Jones Kim Lopez Moore Novak Olsen Park Reed Sato Turner Usher Vance Wolf Young Zhang Baker Cole Duncan Ellis Ford Grant Hughes Ivanov Jensen Klein Lind Meyer Nash Ortiz Price Quist Rossi Stone Tanaka Unger Vogel Weber York Zimmer Archer Bishop Cohen Dahl Eriksen Fox Greco Hart"
)
CITIES = W(
    "Paris London Berlin Madrid Rome Vienna Prague Oslo Dublin Lisbon Athens Cairo Delhi Tokyo Seoul Lima Quito Bogota Toronto Boston Chicago Denver Austin Dallas Seattle Miami Atlanta Sydney Perth Auckland "
    "Zurich Geneva Munich Hamburg Milan Naples Turin Venice Porto Seville Valencia Lyon Nice Lille Brussels Antwerp Ghent Utrecht Krakow Warsaw Gdansk Riga Tallinn Vilnius Helsinki Stockholm Malmo Bergen Aarhus Reykjavik "
    "Kyiv Sofia Bucharest Belgrade Zagreb Split Tirana Ankara Izmir Beirut Amman Baghdad Tehran Kabul Lahore Karachi Mumbai Chennai Kolkata Dhaka Bangkok Hanoi Manila Jakarta Osaka Kyoto Nagoya Shanghai Beijing Taipei Lagos Accra Nairobi Dakar Tunis Rabat Lusaka Harare Havana Santiago"
)
ANIMALS = W(
    "fox cat dog owl bear rabbit mouse frog duck goose horse pig cow sheep goat wolf deer otter badger hedgehog squirrel turtle penguin lion tiger zebra monkey parrot crow eagle swan hen snail beetle bee whale dolphin seal crab lizard snake camel donkey panda koala raccoon beaver mole sparrow robin magpie heron moose lynx weasel ferret hamster pony calf lamb toad newt"
)
OBJECTS = W(
    "lantern key box book lamp map coin ring hat boat kite bell clock drum cup spoon mirror basket ladder rope bottle candle pen letter stone shell feather button umbrella wagon wheel hammer chair table bag jar plate glove scarf coat boot blanket pillow bucket broom brush comb whistle flute guitar violin camera phone radio tablet laptop robot rocket compass telescope notebook pencil ruler puzzle marble balloon sled bicycle scooter helmet crown shield sword chest crate barrel vase statue painting carpet curtain door window fence gate bridge tower teapot kettle mug tray fork knife bowl torch anchor"
)
COLORS = W(
    "red blue green yellow orange purple black white brown gray pink silver golden teal violet crimson amber ivory navy maroon beige cyan"
)
FOODS = W(
    "apple bread cheese rice soup cake pasta pizza salad milk honey butter egg banana grape lemon mango melon peach pear plum cherry carrot onion potato tomato pepper bean corn nut cookie pie waffle pancake yogurt juice tea coffee jam noodle fish chicken mushroom garlic ginger olive spinach pumpkin radish turnip celery lettuce cabbage walnut almond raisin fig date kiwi papaya"
)
JOBS = W(
    "teacher doctor baker farmer pilot nurse painter writer singer driver lawyer chef engineer plumber gardener tailor barber librarian dentist waiter carpenter designer mechanic sailor soldier scientist architect editor programmer photographer cashier clerk guard miner judge"
)
HOBBIES = W(
    "chess tennis painting hiking cooking reading fishing dancing singing running cycling knitting gardening skating surfing climbing swimming drawing pottery archery yoga photography sailing football basketball juggling sewing birding camping rowing"
)
ADJS = W(
    "small big old new bright dark quiet loud happy sad brave clever kind lazy quick slow soft hard warm cold shiny rusty broken lost hidden tiny huge gentle proud shy strange simple heavy light round square wooden plastic metal empty full clean dirty fresh dry wet sweet sour young tall short long strong weak sharp smooth rough calm busy cheap rare plain fancy neat"
)
PLACES = W(
    "forest garden kitchen library harbor village castle meadow cave mountain river beach island desert market school station museum park barn attic cellar tower office workshop valley hill lake swamp bakery theater hospital hotel airport factory farm church bridge square tunnel"
)
COUNTRIES = {
    "France": "Paris",
    "Germany": "Berlin",
    "Spain": "Madrid",
    "Italy": "Rome",
    "Austria": "Vienna",
    "Norway": "Oslo",
    "Ireland": "Dublin",
    "Portugal": "Lisbon",
    "Greece": "Athens",
    "Egypt": "Cairo",
    "Japan": "Tokyo",
    "Peru": "Lima",
    "Cuba": "Havana",
    "Kenya": "Nairobi",
    "Finland": "Helsinki",
    "Sweden": "Stockholm",
    "Poland": "Warsaw",
    "Latvia": "Riga",
    "Estonia": "Tallinn",
    "Iceland": "Reykjavik",
    "Thailand": "Bangkok",
    "Vietnam": "Hanoi",
    "China": "Beijing",
    "Chile": "Santiago",
    "Ecuador": "Quito",
    "Colombia": "Bogota",
    "Ghana": "Accra",
    "Lebanon": "Beirut",
    "Jordan": "Amman",
    "England": "London",
}
OPPOSITES = dict(
    zip(
        W(
            "hot big tall happy fast light full new open wet soft strong early up in day left black rich clean loud near high easy young long wide thick sweet true first begin push buy give win laugh"
        ),
        W(
            "cold small short sad slow dark empty old closed dry hard weak late down out night right white poor dirty quiet far low difficult old short narrow thin bitter false last end pull sell take lose cry"
        ),
    )
)
SOUNDS = dict(
    zip(
        W("dog cat cow duck sheep pig horse lion owl frog bee snake mouse crow hen wolf donkey goose"),
        W("woof meow moo quack baa oink neigh roar hoot croak buzz hiss squeak caw cluck howl bray honk"),
    )
)
YOUNG = dict(
    zip(
        W("cat dog cow sheep horse bear goat duck hen frog deer pig swan goose lion kangaroo"),
        W("kitten puppy calf lamb foal cub kid duckling chick tadpole fawn piglet cygnet gosling cub joey"),
    )
)
SPANISH = dict(
    zip(
        W(
            "cat dog house water bread milk sun moon book red blue green black white friend school table fish bird tree flower"
        ),
        W(
            "gato perro casa agua pan leche sol luna libro rojo azul verde negro blanco amigo escuela mesa pez pájaro árbol flor"
        ),
    )
)
FRENCH = dict(
    zip(
        W(
            "cat dog house water bread milk sun moon book red blue green black white friend school table fish bird tree flower"
        ),
        W(
            "chat chien maison eau pain lait soleil lune livre rouge bleu vert noir blanc ami école table poisson oiseau arbre fleur"
        ),
    )
)
THINGCOL = dict(
    zip(
        W("sky grass snow coal banana blood carrot lemon leaf night strawberry milk cherry"),
        W("blue green white black yellow red orange yellow green black red white red"),
    )
)
LEGS = {
    "dog": 4,
    "cat": 4,
    "spider": 8,
    "ant": 6,
    "bird": 2,
    "horse": 4,
    "bee": 6,
    "hen": 2,
    "snake": 0,
    "fish": 0,
    "cow": 4,
    "frog": 4,
}
DAYS = W("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = W("January February March April May June July August September October November December")
NUMW = W(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
)
COMPANIES = W(
    "Acme Globex Initech Umbra Vertex Nimbus Orion Zenith Polar Quartz Delta Sigma Pioneer Beacon Summit Harbor Lumen Cobalt Falcon Juniper Maple Onyx Raven Stellar Tundra Willow"
)
TOPICS = W(
    "budget roadmap launch hiring design security testing release pricing support training travel marketing planning review migration"
)
VARS = W(
    "count total sum index value result item list data name size key user text line node left right start end width height price rate score level max min temp buffer offset limit step flag cache queue stack table row col cell page file path url token input output message error status state config option filter query order cart amount speed angle x y z a b c n i j"
)

CONS = W("b c d f g h j k l m n p r s t v w z br cr dr fl gr kl pl pr sk sl st tr th sh ch")
VOW = W("a e i o u a e i o ai ea oo")
END = W("n r l s t m k x d th sh nd st p") + ["", "", "", ""]


def pseudo(r, lo=1, hi=3):
    return "".join(r.choice(CONS) + r.choice(VOW) for _ in range(r.randint(lo, hi))) + r.choice(END)


def code(r):
    k = r.random()
    L = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    if k < 0.3:
        return "".join(r.choice(L) for _ in range(r.randint(1, 3))) + "".join(
            r.choice("0123456789") for _ in range(r.randint(1, 4))
        )
    if k < 0.5:
        return str(r.randint(10, 9999))
    if k < 0.7:
        return "".join(r.choice(L + "0123456789") for _ in range(r.randint(3, 5)))
    if k < 0.85:
        return "".join(r.choice(L) for _ in range(2)) + "-" + str(r.randint(10, 999))
    return pseudo(r)


def _held(w):
    return zlib.crc32(("held:" + w).encode()) % 20 == 0


class Pool:
    """A word list of which 5% is never seen in training. In eval mode held-out words are picked often."""

    def __init__(s, words, pseudo_p=0.0, cap=False):
        s.train = [w for w in dict.fromkeys(words) if not _held(w)]
        s.held = [w for w in dict.fromkeys(words) if _held(w)]
        s.pp, s.cap = pseudo_p, cap

    def pick(s, r, ev, used):
        if ev and s.held and r.random() < 0.25:
            used.append(1)
            return r.choice(s.held)
        if s.pp and r.random() < s.pp:
            w = pseudo(r, 2 if s.cap else 1)
            return w.capitalize() if s.cap else w
        return r.choice(s.train)


P = dict(
    name=Pool(NAMES, 0.12, True),
    surname=Pool(SURNAMES, 0.1, True),
    city=Pool(CITIES, 0.12, True),
    animal=Pool(ANIMALS),
    object=Pool(OBJECTS, 0.08),
    color=Pool(COLORS),
    food=Pool(FOODS, 0.05),
    job=Pool(JOBS),
    hobby=Pool(HOBBIES),
    adj=Pool(ADJS),
    place=Pool(PLACES, 0.05),
    company=Pool(COMPANIES, 0.2, True),
    topic=Pool(TOPICS),
    var=Pool(VARS, 0.1),
)

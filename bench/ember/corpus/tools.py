"""Tool definitions: names, descriptions, parameters, how one asks, what comes back."""

from .sample import jn
from .text import sent
from .words import DAYS, code, pseudo

TOOLS = []


def tool(names, descs, params, asks, resp=None, ans=None):
    TOOLS.append(dict(names=names.split(), descs=descs, params=params, asks=asks, resp=resp, ans=ans))


CITY = ("city location place town", "string", "The city", lambda x: x.w("city"))
tool(
    "get_weather fetch_weather weather getWeather current_weather weather_lookup",
    ["Get the current weather in a city", "Get the weather", "Returns the weather for a location"],
    [CITY],
    [
        "What is the weather in {0}?",
        "How is the weather in {0}?",
        "Is it raining in {0}?",
        "Tell me the weather in {0}.",
        "What's the weather like in {0} today?",
        "weather in {0}",
        "Do I need an umbrella in {0}?",
    ],
    lambda x, a: {
        "temperature": x.i(-9, 39),
        "condition": x.c("sunny", "cloudy", "rainy", "snowy", "windy", "foggy", "clear"),
    },
    lambda a, r: f"It is {r['temperature']} degrees and {r['condition']} in {a[0]}.",
)
tool(
    "get_time current_time getTime time_in local_time",
    ["Get the current time in a city", "Returns the local time"],
    [CITY],
    ["What time is it in {0}?", "Tell me the time in {0}.", "What is the local time in {0}?", "time in {0}"],
    lambda x, a: {"time": f"{x.i(0, 23)}:{x.i(10, 59)}"},
    lambda a, r: f"It is {r['time']} in {a[0]}.",
)
tool(
    "set_timer start_timer timer setTimer create_timer",
    ["Set a timer", "Start a countdown timer"],
    [("minutes duration mins", "number integer", "Duration in minutes", lambda x: x.i(1, 90))],
    [
        "Set a timer for {0} minutes.",
        "Start a {0} minute timer.",
        "Remind me in {0} minutes.",
        "Timer for {0} minutes please.",
    ],
    lambda x, a: {"status": "ok"},
    lambda a, r: f"I set a timer for {a[0]} minutes.",
)
tool(
    "send_email sendEmail email_send mail compose_email",
    ["Send an email", "Send an email to a person"],
    [
        ("to recipient receiver", "string", "Who receives the email", lambda x: x.w("name")),
        ("subject title topic", "string", "The subject", lambda x: x.w("topic")),
    ],
    [
        "Send an email to {0} about {1}.",
        "Email {0} about the {1}.",
        "Write an email to {0} with the subject {1}.",
        "Please mail {0} about {1}.",
    ],
    lambda x, a: {"status": "sent"},
    lambda a, r: f"I sent the email to {a[0]}.",
)
tool(
    "send_message message text_contact sendMessage send_sms",
    ["Send a text message", "Send a message to a contact"],
    [
        ("contact to person recipient", "string", "The contact", lambda x: x.w("name")),
        (
            "text message body content",
            "string",
            "The text of the message",
            lambda x: x.c(
                f"I am at the {x.w('place')}",
                f"see you on {x.r.choice(DAYS)}",
                f"bring the {x.w('object')}",
                "I am late",
                f"call {x.w('name')}",
                "happy birthday",
            ),
        ),
    ],
    ["Send {0} a message: {1}", "Text {0}: {1}", "Tell {0}: {1}", 'Send the message "{1}" to {0}.'],
    lambda x, a: {"status": "delivered"},
    lambda a, r: f"I sent the message to {a[0]}.",
)
tool(
    "search_web web_search search google lookup",
    ["Search the web", "Search for information"],
    [
        (
            "query q search_term",
            "string",
            "The search query",
            lambda x: x.c(
                f"{x.w('adj')} {x.w('object')}",
                f"{x.w('food')} recipe",
                f"{x.w('hobby')} in {x.w('city')}",
                x.w("animal"),
                f"history of {x.w('city')}",
            ),
        )
    ],
    ["Search the web for {0}.", "Search for {0}.", "Look up {0}.", "Find information about {0}.", "Google {0}."],
)
tool(
    "play_music play_song playMusic music start_music",
    ["Play music", "Play music by an artist"],
    [("artist singer band", "string", "The artist", lambda x: x.w("name") + " " + x.w("surname"))],
    ["Play music by {0}.", "Play something by {0}.", "I want to hear {0}.", "Play songs by {0}."],
    lambda x, a: {"status": "playing"},
    lambda a, r: f"I am playing music by {a[0]}.",
)
tool(
    "turn_on switch_on turnOn enable_device device_on",
    ["Turn on a device", "Switch on a device in a room"],
    [
        (
            "device appliance thing",
            "string",
            "The device",
            lambda x: x.c("lamp", "heater", "fan", "radio", "television", "light", "oven"),
        ),
        (
            "room area",
            "string",
            "The room",
            lambda x: x.c("kitchen", "bedroom", "bathroom", "office", "hall", "garage", "living room", "attic"),
        ),
    ],
    ["Turn on the {0} in the {1}.", "Switch on the {1} {0}.", "Please turn the {0} in the {1} on."],
    lambda x, a: {"status": "on"},
    lambda a, r: f"The {a[0]} in the {a[1]} is on.",
)
tool(
    "create_event add_event schedule_meeting createEvent calendar_add",
    ["Create a calendar event", "Schedule an event"],
    [
        (
            "title name event",
            "string",
            "Title of the event",
            lambda x: x.c("lunch", "dinner", "review", "meeting", "dentist", "gym", "training", "call")
            + x.c("", " with " + x.w("name")),
        ),
        ("day date", "string", "The day", lambda x: x.r.choice(DAYS)),
        ("time hour", "string", "The time", lambda x: f"{x.i(7, 21)}:{x.c('00', '30', '15')}"),
    ],
    [
        "Schedule {0} on {1} at {2}.",
        "Add {0} to my calendar on {1} at {2}.",
        "Create an event {0} for {1} at {2}.",
        "Put {0} in the calendar, {1} {2}.",
    ],
    lambda x, a: {"status": "created"},
    lambda a, r: f"I scheduled {a[0]} on {a[1]} at {a[2]}.",
)
tool(
    "add_numbers add sum calculator_add addNumbers",
    ["Add two numbers", "Return the sum of two numbers"],
    [
        ("a x first", "number integer", "First number", lambda x: x.i(1, 9999)),
        ("b y second", "number integer", "Second number", lambda x: x.i(1, 9999)),
    ],
    ["Add {0} and {1}.", "What is {0} plus {1}?", "What is {0} + {1}?", "Sum {0} and {1}."],
    lambda x, a: {"result": a[0] + a[1]},
    lambda a, r: f"The result is {r['result']}.",
)
tool(
    "convert_currency currency_convert exchange convertCurrency",
    ["Convert money between currencies", "Convert an amount to another currency"],
    [
        ("amount value", "number", "The amount", lambda x: x.i(1, 5000)),
        ("from source from_currency", "string", "Source currency", lambda x: x.c("USD", "EUR", "GBP", "JPY", "CHF")),
        ("to target to_currency", "string", "Target currency", lambda x: x.c("SEK", "NOK", "PLN", "CAD", "AUD")),
    ],
    ["Convert {0} {1} to {2}.", "How much is {0} {1} in {2}?", "Exchange {0} {1} to {2}."],
    lambda x, a: {"result": x.i(1, 9999)},
    lambda a, r: f"{a[0]} {a[1]} is {r['result']} {a[2]}.",
)
tool(
    "translate translate_text translator translateText",
    ["Translate text", "Translate a text into a language"],
    [
        (
            "text input phrase",
            "string",
            "Text to translate",
            lambda x: x.c(
                x.w("object"), x.w("food"), f"the {x.w('adj')} {x.w('animal')}", "good morning", "thank you"
            ),
        ),
        (
            "language target_language lang",
            "string",
            "Target language",
            lambda x: x.c("German", "Italian", "Polish", "Dutch", "Greek", "Turkish", "Japanese", "Korean"),
        ),
    ],
    ["Translate {0} into {1}.", "Translate {0} to {1}.", "How do you say {0} in {1}?", 'Translate "{0}" to {1}.'],
    lambda x, a: {"translation": pseudo(x.r, 2, 3)},
    lambda a, r: f"In {a[1]}, {a[0]} is {r['translation']}.",
)
tool(
    "get_stock_price stock_price quote getStock stock",
    ["Get the stock price of a company", "Returns a stock quote"],
    [("company symbol ticker", "string", "The company", lambda x: x.w("company"))],
    [
        "What is the stock price of {0}?",
        "How is the {0} stock doing?",
        "Get the price of {0} stock.",
        "stock price {0}",
    ],
    lambda x, a: {"price": x.i(2, 900)},
    lambda a, r: f"The stock price of {a[0]} is {r['price']}.",
)
tool(
    "book_table reserve_table bookTable reservation",
    ["Book a table in a restaurant", "Reserve a table"],
    [
        ("people guests seats", "number integer", "Number of people", lambda x: x.i(1, 12)),
        ("day date", "string", "The day", lambda x: x.r.choice(DAYS)),
        ("time hour", "string", "The time", lambda x: f"{x.i(17, 22)}:{x.c('00', '30')}"),
    ],
    [
        "Book a table for {0} people on {1} at {2}.",
        "Reserve a table for {0} on {1} at {2}.",
        "I need a table for {0} on {1}, {2}.",
    ],
    lambda x, a: {"status": "booked", "table": x.i(1, 40)},
    lambda a, r: f"I booked table {r['table']} for {a[0]} people.",
)
tool(
    "read_file open_file readFile get_file file_read",
    ["Read a file", "Read the content of a file"],
    [
        (
            "path file filename file_path",
            "string",
            "Path of the file",
            lambda x: x.c("", "src/", "docs/", "data/")
            + x.c(x.w("object"), x.w("topic"), pseudo(x.r))
            + x.c(".txt", ".md", ".json", ".ts", ".yaml"),
        )
    ],
    ["Read the file {0}.", "Open {0}.", "Show me {0}.", "What is in {0}?"],
    lambda x, a: {"content": sent(x)},
    lambda a, r: f"The file says: {r['content']}",
)
tool(
    "find_contact lookup_contact get_contact findContact phone_lookup",
    ["Find a contact", "Look up the phone number of a person"],
    [("name person contact", "string", "Name of the person", lambda x: x.w("name") + x.c("", " " + x.w("surname")))],
    ["What is the phone number of {0}?", "Find the contact {0}.", "Look up {0}.", "Give me the number of {0}."],
    lambda x, a: {"phone": f"{x.i(100, 999)}-{x.i(1000, 9999)}"},
    lambda a, r: f"The phone number of {a[0]} is {r['phone']}.",
)
tool(
    "add_to_list add_item shopping_add addItem append_item",
    ["Add an item to the shopping list", "Add an item to a list"],
    [
        ("item product name", "string", "The item", lambda x: x.w("food")),
        ("quantity amount count", "number integer", "How many", lambda x: x.i(1, 30)),
    ],
    ["Add {1} {0}s to the shopping list.", "Put {1} {0}s on my list.", "I need to buy {1} {0}s."],
    lambda x, a: {"status": "added"},
    lambda a, r: f"I added {a[1]} {a[0]}s to the list.",
)
tool(
    "find_flights search_flights flights findFlights flight_search",
    ["Find flights between two cities", "Search for flights"],
    [
        ("from origin departure", "string", "Departure city", lambda x: x.w("city")),
        ("to destination arrival", "string", "Arrival city", lambda x: x.w("city")),
    ],
    [
        "Find flights from {0} to {1}.",
        "I want to fly from {0} to {1}.",
        "Search a flight from {0} to {1}.",
        "Show flights {0} to {1}.",
    ],
    lambda x, a: {"flight": code(x.r), "price": x.i(40, 900)},
    lambda a, r: f"Flight {r['flight']} from {a[0]} to {a[1]} costs {r['price']} dollars.",
)
tool(
    "set_temperature thermostat set_heating setTemperature",
    ["Set the temperature of a room", "Set the thermostat"],
    [
        (
            "room area",
            "string",
            "The room",
            lambda x: x.c("kitchen", "bedroom", "bathroom", "office", "hall", "garage", "attic"),
        ),
        ("degrees temperature value", "number integer", "Temperature in degrees", lambda x: x.i(12, 28)),
    ],
    [
        "Set the {0} to {1} degrees.",
        "Make the {0} {1} degrees.",
        "Heat the {0} to {1} degrees.",
        "Set the temperature in the {0} to {1}.",
    ],
    lambda x, a: {"status": "ok"},
    lambda a, r: f"The {a[0]} is set to {a[1]} degrees.",
)
tool(
    "get_order order_status track_order getOrder",
    ["Get the status of an order", "Track an order"],
    [("order_id id orderId number", "string", "The order id", lambda x: code(x.r))],
    ["Where is my order {0}?", "What is the status of order {0}?", "Track order {0}.", "Check order {0}."],
    lambda x, a: {"status": x.c("shipped", "pending", "delivered", "cancelled", "packed")},
    lambda a, r: f"Order {a[0]} is {r['status']}.",
)
tool(
    "create_user add_user register createUser new_user",
    ["Create a user account", "Register a new user"],
    [
        ("name username user", "string", "The name", lambda x: x.w("name")),
        ("age years", "number integer", "The age", lambda x: x.i(12, 90)),
        ("city location", "string", "The city", lambda x: x.w("city")),
    ],
    [
        "Create a user {0}, age {1}, from {2}.",
        "Register {0} who is {1} years old and lives in {2}.",
        "Add the user {0} ({1}) in {2}.",
    ],
    lambda x, a: {"id": x.i(1, 999)},
    lambda a, r: f"I created the user {a[0]} with id {r['id']}.",
)
tool(
    "roll_dice dice rollDice roll",
    ["Roll dice", "Roll a number of dice"],
    [
        ("count number dice", "number integer", "How many dice", lambda x: x.i(1, 12)),
        ("sides faces", "number integer", "Sides of a die", lambda x: x.c(4, 6, 8, 10, 12, 20)),
    ],
    ["Roll {0} dice with {1} sides.", "Throw {0} dice with {1} sides each.", "Please roll {0} dice of {1} sides."],
    lambda x, a: {"total": x.i(1, 99)},
    lambda a, r: f"You rolled {r['total']}.",
)
tool(
    "list_files ls listFiles dir list_directory",
    ["List files in a folder", "List the files of a directory"],
    [
        (
            "path folder directory dir",
            "string",
            "The folder",
            lambda x: x.c("src", "docs", "data", "home", "tmp", "models")
            + x.c("", "/" + x.w("object"), "/" + pseudo(x.r)),
        )
    ],
    ["List the files in {0}.", "What files are in {0}?", "Show the folder {0}.", "ls {0}"],
    lambda x, a: {"files": [x.w("object") + x.c(".txt", ".md", ".gguf") for _ in range(x.i(1, 3))]},
    lambda a, r: f"The files are {jn(r['files'])}.",
)
tool(
    "get_news news latest_news getNews headlines",
    ["Get the latest news about a topic", "Get news headlines"],
    [
        (
            "topic subject category",
            "string",
            "The topic",
            lambda x: x.c(x.w("hobby"), x.w("city"), x.w("topic"), x.w("company")),
        )
    ],
    ["What is the news about {0}?", "Give me the news on {0}.", "Any news about {0}?", "Latest {0} news please."],
    lambda x, a: {"headline": sent(x)},
    lambda a, r: f"The latest news: {r['headline']}",
)

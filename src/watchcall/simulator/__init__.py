"""A Twilio that lives on this machine: phones that ring, and listen, as a script says.

It is a test double where Twilio cannot be reached, and a stage to rehearse on. Nothing else in
WatchCall imports it, and it only ever talks to loopback addresses.

    simulator   Simulator: the whole thing, started and stopped
    script      what the phones do: the file's format, and reading it
    behaviour   one thing a phone, or Twilio's reply, can do
    http        HTTP/1.1 with h11, so that a reply can be late, cut or lost
    api         Twilio's REST API: who may ask, for what, and the answer
    parameters  what a request may say, and Twilio's code for saying it wrong
    refusal     Twilio's way of saying no
    resources   a call, an account, a list: as Twilio writes them in JSON
    call        one call: a state machine written as a table
    exchange    every call there is, and what can be done with one
    line        the life of one call: dial, ring, speak, hang up
    twiml       what the words are, and how long they take to say
    outward     the simulator's own requests: TwiML documents, status callbacks
    ledger      everything that happens, one line each
    plain, live what the terminal shows
"""

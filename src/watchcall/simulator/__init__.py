"""A Twilio that lives on this machine: phones that ring, and listen, as a script says.

It is a test double where Twilio cannot be reached, and a stage to rehearse on. Nothing that
watches or calls imports it (the rehearsal reads its ledger), and it only ever talks to loopback
addresses.

    simulator   Simulator: the whole thing, started and stopped
    script      what the phones do: the file's format, and reading it
    settings    what else a script says: numbers, countries, public URLs, faults
    behaviour   one thing a phone, or Twilio's reply, can do
    http        HTTP/1.1 with h11, so that a reply can be late, cut or lost
    api         Twilio's REST API: who may ask, for what, and the answer
    replies     what the answer looks like, whole or troubled by a script
    parameters  what a request may say, and Twilio's code for saying it wrong
    refusal     Twilio's way of saying no
    resources   a call, an account, a list: as Twilio writes them in JSON
    call        one call: a state machine written as a table
    exchange    every call there is, and what can be done with one
    text        one text: a state machine written as a table
    textbehaviour, textentry   what becomes of a text: the script's `texts`, and reading them
    textparameters, textapi, textresource   the REST API's part about texts
    texts, textcallbacks   every text there is, and what is told of its progress
    segments    how many SMS a text is
    inbound     a call from outside
    outside     the simulator's own endpoints: people text and ring by themselves
    dialer      when a call is dialed: so many in a second
    standing    what the account may do
    holdings    what the account has: numbers, caller IDs, dialing permissions
    numbers, countries   what both of them are about
    faults      what happens to any reply
    line        the life of one call: ring, speak, listen for keys, hang up
    twiml       what the words are, and how long they take to say
    outward     the simulator's own requests: TwiML documents, status callbacks
    ledger      everything that happens, one line each
    plain, live, shown, textshown   what the terminal shows
"""

/** Every bound in one place. A full queue answers "busy"; it never grows. */
export const limits = {
  diameter: {
    /** Octets of one message; RFC 6733 allows 2^24 - 4. */
    messageBytes: 65_536,
    avpsPerMessage: 512,
    avpDepth: 8,
    /** Octets read from one connection and not yet a whole message. */
    receiveBufferBytes: 131_072,
    /** Octets written to one connection and not yet taken by the kernel; past it reading from that peer stops. */
    sendBufferBytes: 1_048_576,
    /** Requests of one peer that wait for our answer; past it 3004. */
    pendingPerPeer: 4096,
    /** After this nobody waits for the answer any more, and its request stops counting as pending. */
    pendingMs: 30_000,
    /** Our requests to one peer that wait for an answer. */
    outstandingPerPeer: 1024,
    peers: 512,
    /** Connections that have not sent their CER. */
    unidentifiedConnections: 64,
    cerTimeoutMs: 5_000,
    answerTimeoutMs: 6_000,
    /** Answers kept per peer for T-flagged retransmissions, and the largest request whose answer is. */
    storedAnswersPerPeer: 2048,
    storedRequestBytes: 8_192,
  },
  guard: {
    heldPerClass: 20_000,
    /** Characters that are read of what a message claims; longer ones are cut, and then are no valid name. */
    imsiChars: 32,
    identityChars: 256,
    sessionIdChars: 1_024,
    /** Characters of one fact. */
    factChars: 512,
    vectorsPerImsiAndPlmnPerHour: 120,
    /** Number-Of-Requested-Vectors up to this is trimmed, past it the request is refused. */
    vectorsAskedAtMost: 32,
    messagesPerPeerPerSecond: 20_000,
    absentImsisPerPartnerPerMinute: 600,
    /** A device that is refused tries 5 times, then once more every 12 minutes: 25 to 30 an hour. */
    refusedUlrsPerImsiAndPartnerPerHour: 60,
    countersPerMap: 200_000,
  },
  hss: {
    cachedSubscribers: 250_000,
    vectorsPerRequest: 5,
    loadBatch: 1024,
    commitBatch: 1024,
    /** Announcements of changed subscriptions (256 IMSIs each) that wait for their serving nodes to be told, and that are told at once. */
    announcements: 5_000,
    announcementsAtOnce: 32,
    /** Subscribers forgotten for a change, of whom it is known how many APNs they had. */
    apnsRemembered: 20_000,
    /** Held IMSIs of which it is known that their approval was asked for. */
    heldRemembered: 100_000,
  },
  events: {
    ring: 5_000,
    /** Octets of one message that are kept with its verdict; an MME's are a tenth of that. */
    messageBytes: 8_192,
    subscribers: 64,
    queuePerSubscriber: 2_000,
    /** Server-sent events kept for readers that come back. */
    sseRing: 2_000,
    /** Characters of them, and of what waits for one slow reader. */
    sseCharacters: 8_388_608,
    /** Tenants whose readers may come back. */
    audiences: 256,
    /** Rows of one `signals` event; the rest is counted. */
    signalsPerEvent: 200,
    /** Rows that wait to be written. */
    pendingRows: 20_000,
    /** Partners with series of their own. */
    partners: 1_024,
    /** Rows that one page's filter looks at before it answers with what it has. */
    scannedPerPage: 20_000,
  },
  subscriptions: {
    /** SIMs whose last sign of life is kept in memory. */
    recentlySeen: 100_000,
    /** Rows that one statement of the list looks at (some 50 ms on the embedded store), and statements of one page. */
    scannedRows: 4_000,
    scansPerPage: 10,
    /** Subscriptions that one statement changes (some 50 ms on the embedded store). */
    changeChunk: 1_000,
    /** Views that one person keeps. */
    savedViews: 100,
  },
  approvals: {
    /** Octets of one command as canonical JSON. */
    commandBytes: 65_536,
    /** Approvals that wait at once, of one provider or of the operator. */
    waiting: 10_000,
    /** Rows that one sweep expires, executes or brings into the ledger. */
    sweep: 100,
    /** Commands that one process executes at once. */
    executing: 16,
    /** A process that executes is thought dead when it has not said otherwise for so long. */
    leaseMs: 15_000,
  },
  profiles: {
    /** Networks that one answer offers for a roaming area. */
    roamingNetworks: 1_000,
    apns: 10,
    addresses: 64,
    portRanges: 8,
    domains: 64,
    fixedNumbers: 32,
    partners: 256,
    nameChars: 64,
    perProvider: 200,
    versions: 1_000,
    /** SIMs that are looked at to say where a profile's devices are now. */
    observedSims: 2_000,
    /** SIMs that are told of a new version at a time. */
    pushChunk: 500,
  },
  usage: {
    plansPerProvider: 100,
    /** Records that one transaction counts, in four statements (each some 20 ms on the embedded store). */
    chunk: 200,
    /** Rows of one file, characters of one of them, and how many that are wrong are named. */
    importRows: 5_000_000,
    rowChars: 2_048,
    errorsNamed: 100,
    /** A record is about at most this time, and no older than that. */
    recordMs: 32 * 86_400_000,
    ageMs: 400 * 86_400_000,
    /** SIMs of one list of those that used most, and rows of one file of it. */
    topRows: 100,
    exportRows: 10_000,
    /** SIMs cut off that are looked at again at a time. */
    reconsidered: 500,
  },
  organisations: {
    /** Groups of one provider: its whole tree is read at once. */
    groups: 500,
    /** A group at the top has depth 1. */
    groupDepth: 6,
    /** SIMs of one group or provider that a list counts, and groups that one statement counts (some 50 ms). */
    simsCounted: 1_000,
    groupsCountedAtOnce: 25,
    people: 1_000,
  },
  jobs: {
    /** SIMs of one job, and SIMs named one by one in a request. */
    rows: 1_000_000,
    namedSims: 10_000,
    /** Rows that one transaction changes, and different changes among them (each is a statement of its own). */
    chunkRows: 200,
    changesPerChunk: 16,
    /** One tenant's jobs that are not finished, and those of them that are at work at once. */
    openPerTenant: 50,
    atWorkPerTenant: 2,
    atWork: 4,
    /** Jobs of which serving nodes are being told. */
    telling: 64,
    /** Files that one process reads at once, octets of one, its columns, characters of a line and of a cell. */
    uploads: 2,
    fileBytes: 1_073_741_824,
    columns: 64,
    lineChars: 16_384,
    cellChars: 1_024,
    /** Bad rows that are kept word for word; a file with more of them is refused. */
    badRows: 100_000,
    /** Characters of a value that an error repeats. */
    shownChars: 64,
    /** SIMs that wait at once for their serving nodes to be told: the rest stands in rows. */
    tellingSims: 4_000,
    /** What a job remembers of its set in the preview. */
    sampleRows: 20,
    leaseMs: 15_000,
    /** Drafts are forgotten after a week, finished jobs after a year. */
    draftMs: 604_800_000,
    finishedMs: 31_536_000_000,
  },
  health: {
    /** Devices that tried to get in and have not yet, and what waits to be written; past it the rest is not counted. */
    openAttempts: 100_000,
    waiting: 50_000,
    /** Different counters that wait to be written. */
    counters: 20_000,
    /** Services and networks of one answer. */
    services: 100,
    networks: 64,
    /** Rows of its short lists. */
    listed: 20,
  },
  alarms: {
    standing: 1_000,
    /** Alarms that wait for one way out. */
    outletQueue: 256,
  },
  notices: {
    /** Notices that get their place in one statement (some 50 ms on the embedded store). */
    placedPerStep: 500,
    /** Published ones that wait to be written. */
    waiting: 10_000,
    /** Read at once for one stream or webhook. */
    perRead: 200,
  },
  clients: {
    /** API clients of one organisation that are not revoked. */
    perOrganisation: 200,
    sources: 32,
    /** Octets of a client's public keys as JSON. */
    keyBytes: 16_384,
  },
  webhooks: {
    perOrganisation: 20,
    /** Deliveries of one webhook that wait; past it notices wait in their table. */
    waiting: 1_000,
    /** Tests and replays of one delivery beyond that. */
    byHand: 100,
    /** Webhooks that are sent to at once. */
    lanes: 32,
    timeoutMs: 15_000,
    /** After this another process may try what one has claimed; longer than an attempt can take. */
    claimMs: 60_000,
    /** Characters kept of an answer. */
    answerChars: 512,
  },
  http: {
    bodyBytes: 1_048_576,
    pageRows: 200,
    cappedCount: 10_000,
    filterChars: 2_000,
    filterTerms: 24,
    filterValues: 64,
    /** Requests of one address per minute; sign-in has its own. */
    requestsPerMinute: 1_200,
    signInPerMinute: 30,
    /** Requests of one API client per minute, from all its addresses. */
    clientPerMinute: 600,
    /** How long the answer to a request with an Idempotency-Key is kept, how many of one actor, and of how many characters. */
    idempotencyMs: 86_400_000,
    idempotencyKeysPerActor: 20_000,
    idempotentAnswerChars: 1_048_576,
    /** After this a request that another process began counts as cut off. */
    idempotencyRunMs: 120_000,
    /** A sensitive action needs a proof of who one is that is no older. */
    stepUpMs: 300_000,
    /** The whole of an ordinary request must be here by then; an upload must bring so many octets a second instead. */
    requestMs: 30_000,
    uploadBytesPerSecond: 1_024,
    /** Addresses whose rate is counted. */
    addressesCounted: 10_000,
  },
  signIn: {
    /** Attempts of one name and address that wait for their turn. */
    waitingPerLane: 4,
    passkeysPerPerson: 20,
    /** Sessions that one person has at once; with one more the one that was used longest ago ends. */
    sessionsPerPerson: 20,
    recoveryCodes: 10,
    /** Single sign-on providers of one organisation. */
    ssoPerOrganisation: 4,
    /** Octets of one answer of an identity provider, and how long it may take. */
    ssoAnswerBytes: 262_144,
    ssoTimeoutMs: 8_000,
    /** Groups of an identity provider that become roles. */
    ssoRoles: 32,
  },
  store: {
    /** Statements that wait for a connection; past it `store-unavailable`. */
    waitingStatements: 10_000,
    connectTimeoutMs: 2_000,
    /** While the server is away, how often one caller tries again. */
    probeEveryMs: 250,
    /** Rows that wait for their group commit. */
    groupCommitQueue: 100_000,
    groupCommitBatch: 1_024,
    /** Rows that one step of pruning or verifying touches: about 50 ms on the embedded store. */
    chunkRows: 1_000,
    ledgerBodyBytes: 65_536,
    subjectKeysCached: 20_000,
  },
} as const

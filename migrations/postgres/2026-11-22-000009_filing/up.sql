-- States of requests, their papers, the off-site queue, answers kept for repeated calls, and the rule
-- packs in force.
ALTER TABLE requests DROP CONSTRAINT requests_state_check;
ALTER TABLE requests ADD CONSTRAINT requests_state_check CHECK (
    state IN (
        'approval_pending', 'accepted', 'refused', 'off_site', 'settled', 'recognised', 'withdrawn',
        'cancelled', 'expired'
    )
);
-- why it counts towards no cap
ALTER TABLE requests ADD COLUMN reason TEXT COLLATE "C";
-- the annual plan or campaign, and the draw, that it comes from
ALTER TABLE requests ADD COLUMN plan_id TEXT COLLATE "C" REFERENCES inspection_plans (id);
ALTER TABLE requests ADD COLUMN draw_id TEXT COLLATE "C" REFERENCES draws (id);
-- why papers or data do not settle it
ALTER TABLE requests ADD COLUMN on_site_reason TEXT COLLATE "C";
-- agreement under which a body goes beyond its area
ALTER TABLE requests ADD COLUMN agreement TEXT COLLATE "C";
ALTER TABLE requests ADD COLUMN approved_by TEXT COLLATE "C";
ALTER TABLE requests ADD COLUMN approved_at TIMESTAMP;
-- papers of an urgent one are completed by this day
ALTER TABLE requests ADD COLUMN approval_due DATE;
CREATE INDEX requests_by_plan ON requests (plan_id) WHERE plan_id IS NOT NULL;

-- what the contact is: an inspection, or one of those that are only recorded
ALTER TABLE requests ADD COLUMN contact TEXT COLLATE "C" NOT NULL DEFAULT 'inspection' CHECK (
    contact IN ('inspection', 'guidance', 'research', 'publicity', 'service')
);
-- level of work-safety standardisation
ALTER TABLE enterprises ADD COLUMN safety_level TEXT COLLATE "C" CHECK (
    safety_level IN ('1', '2', '3', 'no_level')
);
-- of designated size, or named for quiet days
ALTER TABLE enterprises ADD COLUMN is_designated BOOLEAN NOT NULL DEFAULT FALSE;
-- class of items that lists of who is spared tell apart
ALTER TABLE items ADD COLUMN class TEXT COLLATE "C";

CREATE TABLE off_site_checks (
    request_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES requests (id),
    person TEXT COLLATE "C" NOT NULL,
    deadline DATE NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    outcome TEXT COLLATE "C" CHECK (outcome IN ('settled', 'escalated')),
    finding TEXT COLLATE "C",
    closed_at TIMESTAMP,
    CHECK ((outcome IS NULL) = (closed_at IS NULL))
);

CREATE INDEX off_site_checks_open ON off_site_checks (deadline, request_id) WHERE outcome IS NULL;

CREATE TABLE kept_answers (
    user_id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    -- of route and body
    fingerprint TEXT COLLATE "C" NOT NULL,
    -- absent while the first call runs
    status BIGINT,
    body TEXT,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, key),
    CHECK ((status IS NULL) = (body IS NULL))
);

CREATE INDEX kept_answers_by_age ON kept_answers (made_at);

CREATE TABLE rule_packs (
    number BIGINT NOT NULL PRIMARY KEY,
    -- the document, as it was sent; of a shipped pack only its id
    pack TEXT COLLATE "C" NOT NULL,
    document TEXT,
    -- it holds from this day on
    first_day DATE NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL
);

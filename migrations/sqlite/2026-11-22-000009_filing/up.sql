-- States of requests, their papers, the off-site queue, answers kept for repeated calls, and the rule
-- packs in force.
DROP INDEX requests_by_window;
ALTER TABLE requests ADD COLUMN stage TEXT NOT NULL DEFAULT 'accepted' CHECK (
    stage IN (
        'approval_pending', 'accepted', 'refused', 'off_site', 'settled', 'recognised', 'withdrawn',
        'cancelled', 'expired'
    )
);
UPDATE requests SET stage = state;
ALTER TABLE requests DROP COLUMN state;
ALTER TABLE requests RENAME COLUMN stage TO state;
CREATE INDEX requests_by_window ON requests (state, latest);
-- why it counts towards no cap
ALTER TABLE requests ADD COLUMN reason TEXT;
-- the annual plan or campaign, and the draw, that it comes from
ALTER TABLE requests ADD COLUMN plan_id TEXT REFERENCES inspection_plans (id);
ALTER TABLE requests ADD COLUMN draw_id TEXT REFERENCES draws (id);
-- why papers or data do not settle it
ALTER TABLE requests ADD COLUMN on_site_reason TEXT;
-- agreement under which a body goes beyond its area
ALTER TABLE requests ADD COLUMN agreement TEXT;
ALTER TABLE requests ADD COLUMN approved_by TEXT;
ALTER TABLE requests ADD COLUMN approved_at TEXT;
-- papers of an urgent one are completed by this day
ALTER TABLE requests ADD COLUMN approval_due TEXT;
CREATE INDEX requests_by_plan ON requests (plan_id) WHERE plan_id IS NOT NULL;

-- what the contact is: an inspection, or one of those that are only recorded
ALTER TABLE requests ADD COLUMN contact TEXT NOT NULL DEFAULT 'inspection' CHECK (
    contact IN ('inspection', 'guidance', 'research', 'publicity', 'service')
);
-- level of work-safety standardisation
ALTER TABLE enterprises ADD COLUMN safety_level TEXT CHECK (
    safety_level IN ('1', '2', '3', 'no_level')
);
-- of designated size, or named for quiet days
ALTER TABLE enterprises ADD COLUMN is_designated INTEGER NOT NULL DEFAULT 0 CHECK (is_designated IN (0, 1));
-- class of items that lists of who is spared tell apart
ALTER TABLE items ADD COLUMN class TEXT;

CREATE TABLE off_site_checks (
    request_id TEXT NOT NULL PRIMARY KEY REFERENCES requests (id),
    person TEXT NOT NULL,
    deadline TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('settled', 'escalated')),
    finding TEXT,
    closed_at TEXT,
    CHECK ((outcome IS NULL) = (closed_at IS NULL))
) STRICT;

CREATE INDEX off_site_checks_open ON off_site_checks (deadline, request_id) WHERE outcome IS NULL;

CREATE TABLE kept_answers (
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    -- of route and body
    fingerprint TEXT NOT NULL,
    -- absent while the first call runs
    status INTEGER,
    body TEXT,
    made_at TEXT NOT NULL,
    PRIMARY KEY (user_id, key),
    CHECK ((status IS NULL) = (body IS NULL))
) STRICT;

CREATE INDEX kept_answers_by_age ON kept_answers (made_at);

CREATE TABLE rule_packs (
    number INTEGER NOT NULL PRIMARY KEY,
    -- the document, as it was sent; of a shipped pack only its id
    pack TEXT NOT NULL,
    document TEXT,
    -- it holds from this day on
    first_day TEXT NOT NULL,
    note TEXT NOT NULL,
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL
) STRICT;

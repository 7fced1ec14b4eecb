-- Calls of many steps: what each step did is kept with it, so that the same call goes on where it stopped.
-- who goes on with the call, and when it last did
ALTER TABLE kept_answers ADD COLUMN holder TEXT COLLATE "C";
ALTER TABLE kept_answers ADD COLUMN held_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';

CREATE TABLE kept_steps (
    user_id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    -- counted from 0
    number BIGINT NOT NULL,
    -- deflated
    body BYTEA NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (user_id, key, number),
    FOREIGN KEY (user_id, key) REFERENCES kept_answers (user_id, key) ON DELETE CASCADE
);

-- what still waits at an enterprise is found without reading what is over there
CREATE INDEX requests_by_end ON requests (enterprise_id, latest);

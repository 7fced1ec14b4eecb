-- Who may do what.
CREATE TABLE accounts (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- the user's "sub" at the outside issuer
    subject TEXT UNIQUE,
    is_disabled INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE user_roles (
    user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (
        role IN (
            'filer', 'head', 'member', 'coordinator', 'manager', 'supervisor', 'administrator'
        )
    ),
    PRIMARY KEY (user_id, role)
) STRICT;

CREATE TABLE user_departments (
    user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    department_id TEXT NOT NULL REFERENCES departments (id),
    PRIMARY KEY (user_id, department_id)
) STRICT;

-- A user without areas is bound by none.
CREATE TABLE user_areas (
    user_id TEXT NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    area_id TEXT NOT NULL REFERENCES areas (id),
    PRIMARY KEY (user_id, area_id)
) STRICT;

-- Whoever stands there already could do everything.
INSERT INTO accounts (user_id, subject, is_disabled, version) SELECT id, NULL, FALSE, 1 FROM users;
INSERT INTO user_roles (user_id, role) SELECT id, 'administrator' FROM users;
INSERT INTO user_roles (user_id, role) SELECT id, 'coordinator' FROM users;
INSERT INTO user_roles (user_id, role) SELECT id, 'manager' FROM users;

-- The inspectors who go for a request.
CREATE TABLE request_team (
    request_id TEXT NOT NULL REFERENCES requests (id),
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (request_id, user_id)
) STRICT;

CREATE INDEX request_team_by_user ON request_team (user_id, request_id);

-- Ed25519: PKCS#8 and the public half. A retired key only checks, until its tokens have ended.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    private_key BLOB NOT NULL,
    public_key BLOB NOT NULL,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;

CREATE UNIQUE INDEX signing_keys_current ON signing_keys ((retired_at IS NULL))
    WHERE retired_at IS NULL;

-- The shared secret that signed tokens before.
DELETE FROM settings WHERE name = 'token-secret';

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    started_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- SHA-256 of each refresh token of a session; all but the last are used.
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Personal tokens for other systems; hash is SHA-256, scopes are words with spaces between.
CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

-- Wrong passwords in a row, by SHA-256 of the name, which need not be anybody's.
CREATE TABLE login_failures (
    name_hash TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    locked_until TEXT
) STRICT;

-- The record: append-only, each event's hash over the one before. `personal` holds salts and values
-- of what must be able to go, `commitments` their hashes, which stay.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    channel TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    details TEXT NOT NULL,
    commitments TEXT NOT NULL,
    personal TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_actor ON events (actor, seq);
CREATE INDEX events_by_object ON events (object_kind, object_id, seq);

CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;

-- INSERT OR REPLACE would delete without the trigger above
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq) BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;

CREATE TRIGGER events_do_not_change BEFORE UPDATE ON events
WHEN NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at OR NEW.actor IS NOT OLD.actor
    OR NEW.channel IS NOT OLD.channel OR NEW.action IS NOT OLD.action
    OR NEW.object_kind IS NOT OLD.object_kind OR NEW.object_id IS NOT OLD.object_id
    OR NEW.details IS NOT OLD.details OR NEW.commitments IS NOT OLD.commitments
    OR NEW.previous IS NOT OLD.previous OR NEW.hash IS NOT OLD.hash
    -- striking out only ever makes it shorter
    OR length(NEW.personal) >= length(OLD.personal)
BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;

-- Who may do what.
CREATE TABLE accounts (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- the user's "sub" at the outside issuer
    subject TEXT COLLATE "C" UNIQUE,
    is_disabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE user_roles (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    role TEXT COLLATE "C" NOT NULL CHECK (
        role IN (
            'filer', 'head', 'member', 'coordinator', 'manager', 'supervisor', 'administrator'
        )
    ),
    PRIMARY KEY (user_id, role)
);

CREATE TABLE user_departments (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    PRIMARY KEY (user_id, department_id)
);

-- A user without areas is bound by none.
CREATE TABLE user_areas (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (user_id) ON DELETE CASCADE,
    area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
    PRIMARY KEY (user_id, area_id)
);

-- Whoever stands there already could do everything.
INSERT INTO accounts (user_id, subject, is_disabled, version) SELECT id, NULL, FALSE, 1 FROM users;
INSERT INTO user_roles (user_id, role) SELECT id, 'administrator' FROM users;
INSERT INTO user_roles (user_id, role) SELECT id, 'coordinator' FROM users;
INSERT INTO user_roles (user_id, role) SELECT id, 'manager' FROM users;

-- The inspectors who go for a request.
CREATE TABLE request_team (
    request_id TEXT COLLATE "C" NOT NULL REFERENCES requests (id),
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (request_id, user_id)
);

CREATE INDEX request_team_by_user ON request_team (user_id, request_id);

-- Ed25519: PKCS#8 and the public half. A retired key only checks, until its tokens have ended.
CREATE TABLE signing_keys (
    kid TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    private_key BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP
);

CREATE UNIQUE INDEX signing_keys_current ON signing_keys ((retired_at IS NULL))
    WHERE retired_at IS NULL;

-- The shared secret that signed tokens before.
DELETE FROM settings WHERE name = 'token-secret';

CREATE TABLE sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    started_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- SHA-256 of each refresh token of a session; all but the last are used.
CREATE TABLE refresh_tokens (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Personal tokens for other systems; hash is SHA-256, scopes are words with spaces between.
CREATE TABLE api_tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

-- Wrong passwords in a row, by SHA-256 of the name, which need not be anybody's.
CREATE TABLE login_failures (
    name_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    locked_until TIMESTAMP
);

-- The record: append-only, each event's hash over the one before. `personal` holds salts and values
-- of what must be able to go, `commitments` their hashes, which stay.
CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    details TEXT COLLATE "C" NOT NULL,
    commitments TEXT COLLATE "C" NOT NULL,
    personal TEXT COLLATE "C" NOT NULL,
    previous TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);

CREATE INDEX events_by_actor ON events (actor, seq);
CREATE INDEX events_by_object ON events (object_kind, object_id, seq);

CREATE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- striking out only ever makes what is personal shorter
    IF TG_OP = 'UPDATE' AND length(NEW.personal) < length(OLD.personal)
        AND (NEW.seq, NEW.at, NEW.actor, NEW.channel, NEW.action, NEW.object_kind, NEW.object_id,
             NEW.details, NEW.commitments, NEW.previous, NEW.hash)
        IS NOT DISTINCT FROM
            (OLD.seq, OLD.at, OLD.actor, OLD.channel, OLD.action, OLD.object_kind, OLD.object_id,
             OLD.details, OLD.commitments, OLD.previous, OLD.hash)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the record is append-only';
END
$$;

CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE ON events
FOR EACH ROW EXECUTE FUNCTION events_stay();

CREATE TRIGGER events_are_not_emptied BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION events_stay();

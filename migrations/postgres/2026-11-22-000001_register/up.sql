-- The register: where, who inspects, who is inspected, what for, and which scenarios join it.
CREATE TABLE areas (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE departments (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL
);

-- Inspectors' time of a department, in one area or (area_id is null) in all that have no own pool.
CREATE TABLE pools (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    area_id TEXT COLLATE "C" REFERENCES areas (id),
    minutes BIGINT NOT NULL CHECK (minutes >= 0),
    attendance_minutes BIGINT NOT NULL CHECK (attendance_minutes >= 0),
    overtime_minutes BIGINT NOT NULL CHECK (overtime_minutes >= 0),
    version BIGINT NOT NULL
);

CREATE UNIQUE INDEX pools_by_department_and_area ON pools (department_id, COALESCE(area_id, ''));

-- Days on which a pool offers other than its ordinary minutes.
CREATE TABLE pool_days (
    pool_id TEXT COLLATE "C" NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
    day DATE NOT NULL,
    minutes BIGINT NOT NULL CHECK (minutes >= 0),
    PRIMARY KEY (pool_id, day)
);

-- The id is the unified social credit code.
CREATE TABLE enterprises (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
    industry TEXT COLLATE "C" NOT NULL,
    risk TEXT COLLATE "C" NOT NULL CHECK (risk IN ('A', 'B', 'C', 'D')),
    credit_grade TEXT COLLATE "C" NOT NULL CHECK (credit_grade IN ('A', 'B', 'C', 'D')),
    last_counted DATE,
    version BIGINT NOT NULL
);

CREATE INDEX enterprises_by_area ON enterprises (area_id, id);

CREATE TABLE items (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    department_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    minutes BIGINT NOT NULL CHECK (minutes >= 1),
    is_minutes_assumed BOOLEAN NOT NULL,
    inspectors BIGINT NOT NULL CHECK (inspectors >= 1),
    is_inspectors_assumed BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX items_by_department ON items (department_id, id);

-- The document is the whole scenario as its file says it; the columns are for look-ups.
CREATE TABLE scenarios (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    lead_id TEXT COLLATE "C" NOT NULL REFERENCES departments (id),
    document TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE scenario_items (
    scenario_id TEXT COLLATE "C" NOT NULL REFERENCES scenarios (id) ON DELETE CASCADE,
    item_id TEXT COLLATE "C" NOT NULL REFERENCES items (id),
    PRIMARY KEY (scenario_id, item_id)
);

CREATE INDEX scenario_items_by_item ON scenario_items (item_id);

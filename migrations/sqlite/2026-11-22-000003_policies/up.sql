-- Where the optimiser's prices come from. Versions are only ever added.
CREATE TABLE policies (
    version INTEGER NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
) STRICT;

-- Coverage targets belong to their policy's version.
CREATE TABLE targets (
    policy_version INTEGER NOT NULL REFERENCES policies (version),
    id TEXT NOT NULL,
    measure TEXT NOT NULL CHECK (measure IN ('scheduled', 'joint', 'visited')),
    department_id TEXT REFERENCES departments (id),
    scenario_id TEXT REFERENCES scenarios (id),
    area_id TEXT REFERENCES areas (id),
    risk TEXT CHECK (risk IN ('A', 'B', 'C', 'D')),
    -- in ten-thousandths
    at_least INTEGER NOT NULL CHECK (at_least BETWEEN 0 AND 10000),
    shortfall_cost INTEGER NOT NULL CHECK (shortfall_cost >= 0),
    PRIMARY KEY (policy_version, id)
) STRICT;

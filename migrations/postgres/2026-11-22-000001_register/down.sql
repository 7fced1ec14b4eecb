DROP TABLE scenario_items;
DROP TABLE scenarios;
DROP TABLE items;
DROP TABLE enterprises;
DROP TABLE pool_days;
DROP TABLE pools;
DROP TABLE departments;
DROP TABLE areas;

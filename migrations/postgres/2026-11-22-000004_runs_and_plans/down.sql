DROP TABLE left_out;
DROP TABLE visit_requests;
DROP TABLE attendances;
DROP TABLE visits;
DROP TABLE plans;
DROP TABLE runs;
DROP TABLE problems;

#!/bin/sh
# HiGHS 1.16.0 (highspy): `time_limit` means two things. For a linear programme it is held against the time of all
# calls of `run()` of one object together, though each is told to forget the last (`clearSolver`): with three times
# what one call takes, the third call ends with "Time limit reached" before its optimum. For a mixed-integer
# programme each call has the whole limit again. Who solves one model again and again has to raise the limit by what
# was used up, but only where it has no integer columns.
#
# Seen: linear: Optimal, Optimal, then three times Time limit reached; integer: 1.0 s of 1.0 s, three times.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet highspy==1.16.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import time
import highspy
import numpy as np


def packing(columns, rows, is_integer):
    """Maximise the worth of columns in random rows with room for a quarter of them."""
    random = np.random.default_rng(1)
    weights = random.integers(1, 1000, (rows, columns)).astype(float)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_ = -random.integers(100, 1000, columns).astype(float)
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.ones(columns)
    model.row_lower_ = np.full(rows, -highspy.kHighsInf)
    model.row_upper_ = weights.sum(axis=1) / 4
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.arange(0, rows * columns + 1, columns)
    model.a_matrix_.index_ = np.tile(np.arange(columns), rows)
    model.a_matrix_.value_ = weights.reshape(-1)
    if is_integer:
        model.integrality_ = [highspy.HighsVarType.kInteger] * columns
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(model)
    solver.setOptionValue("threads", 1)
    return solver


def run(solver):
    begun = time.time()
    solver.run()
    return time.time() - begun, solver.modelStatusToString(solver.getModelStatus())


linear = packing(1500, 800, False)
linear.setOptionValue("solver", "simplex")
linear.setOptionValue("presolve", "off")
one, status = run(linear)
assert status == "Optimal", status
linear.setOptionValue("time_limit", 3 * one)
found = []
for _ in range(5):
    linear.clearSolver()
    found.append(run(linear)[1])
print("linear:", ", ".join(found))
assert found[0] == "Optimal" and found[-1] == "Time limit reached", "the limit no longer adds up"

integer = packing(400, 30, True)
integer.setOptionValue("time_limit", 1.0)
for _ in range(3):
    seconds, status = run(integer)
    print(f"integer: {status} after {seconds:.1f} s")
    assert status == "Time limit reached" and seconds > 0.8, "the limit of integer programmes adds up, too"
PYTHON

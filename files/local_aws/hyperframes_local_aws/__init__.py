# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: Apache-2.0
"""LocalStack on the host: Lambda functions as processes, and a command that starts and stops it.

The parts, from the outside in:

``server``       starts and stops one LocalStack in a folder of its own (``python -m hyperframes_local_aws up``);
``plugins``      what LocalStack loads: the executor and the mends;
``executor``     LocalStack's view of an execution environment;
``environment``  an execution environment: one process, one Runtime API, one /tmp;
``runtime_api``  the Lambda Runtime API that the function's process speaks;
``isolation``    how far the machine lets a function's process be shut off from it;
``launcher``     the small program between LocalStack and the function's process that builds the walls.
"""

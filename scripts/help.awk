# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# The list of a Makefile's targets, from its `##` comments and `##@` headings.
BEGIN { FS = ":.*## " }
/^##@/ { printf "\n%s\n", substr($0, 5); next }
/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $1, $2 }
END {
    print "\nVariables"
    print "  PROJECT=folder OUTPUT=file   what to render, and where to"
    print "  CASES=folder                 reference cases of make conformance"
    print "  ARGS='...'                   further arguments: make local, conformance, bench, test"
    print "  EXTRA='-e name=value --check'  further arguments for ansible-playbook: every playbook"
    print "  AWS_ENDPOINT_URL=URL         another AWS than the embedded one; empty: AWS itself"
    print "\nFor example"
    print "  make demo"
    print "  make render PROJECT=my-film OUTPUT=out/my-film.mp4 EXTRA='-e render_fps=60'"
    print "  make local PROJECT=my-film OUTPUT=out/my-film.mp4 ARGS='--chunks 4 --jobs 2'"
    print "  AWS_ENDPOINT_URL= make deploy EXTRA='-e hyperframes_project=films'"
}

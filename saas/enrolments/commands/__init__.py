"""What happens to seats, one file a kind of act. Each command runs in workspace scope unless it says otherwise.

Rows are locked in one order: members, then sessions, each by id, then enrolments. So acts never wait for each other in a
circle.
"""

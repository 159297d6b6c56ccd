"""A manager asks for a programme, with or without a date in sight; HR answers."""

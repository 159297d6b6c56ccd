"""People import: read a file as it comes, guess its columns, judge each row, apply the good ones once, undo."""

"""The journal as people read it: who did what, when, about whom; as pages, as a workbook; and its seals by the clock."""

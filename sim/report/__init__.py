"""Two pages for those who decide, from the saved tables of a folder: the words, the verdict, the drawing, the pages."""

"""What stations say and what they are told, in no version's words: between the dialects and the rooms."""

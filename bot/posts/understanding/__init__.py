"""From what staff write to day, time, place and cost. Pure: no database, no chat; what is not certain is a doubt."""

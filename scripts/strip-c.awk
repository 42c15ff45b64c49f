# Print FILE:LINE:CODE for each line of C with comments taken out and the
# contents of strings and character constants emptied, for scripts/lint.
FNR == 1 { comment = 0 }
{
	line = $0
	out = ""
	while (line != "") {
		if (comment) {
			if ((at = index(line, "*/")) == 0)
				break
			line = substr(line, at + 2)
			comment = 0
			continue
		}
		if (!match(line, /\/\*|\/\/|"|'/)) {
			out = out line
			break
		}
		out = out substr(line, 1, RSTART - 1)
		mark = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (mark == "/*") {
			comment = 1
			out = out " "
		} else if (mark == "//") {
			break
		} else if (mark == "\"") {
			match(line, /^([^"\\]|\\.)*"?/)
			# The path of an include stays.
			if (out ~ /^[ \t]*#[ \t]*include/)
				out = out "\"" substr(line, 1, RLENGTH)
			else
				out = out "\"\""
			line = substr(line, RLENGTH + 1)
		} else {
			match(line, /^([^'\\]|\\.)*'?/)
			out = out "' '"
			line = substr(line, RLENGTH + 1)
		}
	}
	print FILENAME ":" FNR ":" out
}

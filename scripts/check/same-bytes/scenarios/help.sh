# Every help text, and what `doctor` says.
code 2
ok --help
for name in run retry verify plan status summarize compare components agreement analyze import table check verdict merge evaluate pretrain doctor; do
  ok "$name" --help
done
ok doctor
ok --version
code 2 help

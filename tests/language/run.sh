# SPDX-License-Identifier: MIT
# usage: run.sh SHELL FOLDER   Runs each case, a file of the folder, with the shell in a directory of its own, and
# prints its output and its status. The same text is a script for both sides: dash on the host, and Sluice's shell.
shell=$1 folder=$2 work=/tmp/language
mkdir -p $work
for case in $folder/*-*; do
    mkdir $work/case
    cd $work/case
    printf '== %s\n' "${case##*/}"
    $shell $case < /dev/null 2> /dev/null
    printf '\n== %d\n' $?
    cd /
    rm -rf $work/case
done
rm -rf $work
printf '== end\n'

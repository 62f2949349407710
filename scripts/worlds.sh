# The worlds of sweeps/registration.json5, for the scripts that source this: built-in languages, with the words of `seedsweep pretrain`
# for each and the name of the pre-training that is inside the program. What is fine-tuned in a world, sweeps/ says.

# Sets `words`, `inside` and `folder` (below Sources/Base/C/CEmbeddedModels/models) for a world; 1 for an unknown one.
world() {
  words=(--layers 12 --hidden 128 --intermediate 256 --max-length 64 --learning-rate 1e-3 --evaluate-every 1000 --half)
  case $1 in
    embedded) words+=(--steps 40000) inside=embedded ;;
    town) words+=(--language town --pairs continuation --steps 20000) inside=embedded:town ;;
    *) return 1 ;;
  esac
  folder=$1
}

#!/usr/bin/env bash
# Packs Diffusion.Math and Diffusion.Model, and runs a program outside this repository that knows nothing but the packages.
#
# usage: scripts/packages.sh [FOLDER]     where the packages go (default: artifacts/packages)
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
out=$(realpath -m "${1:-$root/artifacts/packages}")
work=$(mktemp -d)
# A version of its own, so that no package of an earlier time is found in the cache; the copies there go again.
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")-local.$(date +%s)
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
trap 'rm -rf "$work" "${cache:?}"/diffusion.{math,model}/"$version"' EXIT

for project in Diffusion.Math Diffusion.Model; do
    dotnet pack "$root/$project" --nologo --verbosity quiet --configuration Release -p:Version="$version" --output "$out"
done

cp "$root"/scripts/consumer/Program.cs "$work"
cat > "$work/nuget.config" <<CONFIG
<configuration><packageSources><add key="local" value="$out" /></packageSources></configuration>
CONFIG
cat > "$work/consumer.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
    <SelfContained>false</SelfContained>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Diffusion.Model" Version="$version" />
    <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" Condition="\$([MSBuild]::IsOSPlatform('Linux'))" />
    <PackageReference Include="TorchSharp-cpu" Version="0.107.0" Condition="!\$([MSBuild]::IsOSPlatform('Linux'))" />
  </ItemGroup>
</Project>
PROJECT
cd "$work"
dotnet run --project consumer.csproj -- "$work/run"
test -s "$work/run/recipe.json" -a -s "$work/run/report.csv" -a -s "$work/digits.png"
ls "$out"

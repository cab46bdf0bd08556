using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Diffusion.Math.Values;

namespace Diffusion.Specs;

/// <summary>Who may know whom, and what the rooms promise about themselves.</summary>
public sealed partial class ArchitectureSpecs
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Assembly Mathematics = typeof(Seed).Assembly;
    private static readonly Assembly Model = typeof(Diffusion.Model.Runtime.LibTorch).Assembly;

    [Theory]
    [InlineData("Diffusion.Math")]
    [InlineData("Diffusion.Model", "Diffusion.Math")]
    [InlineData("Diffusion.Host", "Diffusion.Model")]
    [InlineData("Diffusion.Specs", "Diffusion.Host")]
    public void A_project_refers_to_the_one_below_it(string project, params string[] below) =>
        Assert.Equal(below, Items(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension));

    [Fact]
    public void The_mathematics_has_no_package() => Assert.Empty(Items("Diffusion.Math", "PackageReference"));

    [Theory]
    [InlineData("PackageReadmeFile", "README.md")]
    [InlineData("GenerateDocumentationFile", "$(IsThorough)")]
    [InlineData("PublishRepositoryUrl", "true")]
    [InlineData("EmbedUntrackedSources", "true")]
    [InlineData("IncludeSymbols", "true")]
    [InlineData("SymbolPackageFormat", "snupkg")]
    public void Packages_carry_their_readme_their_documentation_and_the_way_to_their_sources(string property, string value) =>
        Assert.All(
            ["Diffusion.Math", "Diffusion.Model"],
            project => Assert.Equal(
                value, XDocument.Load(Path.Combine(Repository.Root, project, $"{project}.csproj")).Descendants(property).Single().Value));

    [Theory]
    [InlineData("BuildingSolutionFile")]
    [InlineData("_IsPacking")]
    [InlineData("CI")]
    public void Builds_of_the_whole_run_the_analysers_and_write_the_documentation(string sign)
    {
        var properties = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        Assert.Contains($"'$({sign})' == 'true'", properties.Descendants("IsThorough").First().Attribute("Condition")!.Value);
        Assert.Equal("$(IsThorough)", properties.Descendants("RunAnalyzersDuringBuild").Single().Value);
        Assert.Equal("true", properties.Descendants("TreatWarningsAsErrors").Single().Value);
    }

    [Fact]
    public void The_mathematics_runs_on_the_runtime_alone() =>
        Assert.All(Mathematics.GetReferencedAssemblies(), name => Assert.StartsWith("System.", name.Name));

    [Fact]
    public void The_model_does_not_know_the_host() =>
        Assert.DoesNotContain("diffusion", Model.GetReferencedAssemblies().Select(name => name.Name));

    [Fact]
    public void Only_the_model_takes_the_bindings_of_libtorch_and_only_the_program_brings_one()
    {
        string[] Tensors(string project) =>
            [.. Items(project, "PackageReference").Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase))];
        Assert.Empty(Tensors("Diffusion.Math"));
        Assert.Equal(["TorchSharp"], Tensors("Diffusion.Model"));
        Assert.Equal(
            ["libtorch-cpu-linux-x64", "TorchSharp-cpu", "TorchSharp-cuda-linux", "TorchSharp-cuda-windows"], Tensors("Diffusion.Host"));
    }

    [Fact]
    public void The_mathematics_knows_no_clock_file_console_network_thread_or_hidden_randomness()
    {
        string[] impure =
        [
            "System.Console", "System.Random", "System.DateTime", "System.DateTimeOffset", "System.TimeProvider",
            "System.Diagnostics.Stopwatch", "System.Guid", "System.Threading.Thread", "System.Threading.Tasks.Task", "System.IO.File",
            "System.IO.Directory", "System.IO.FileStream", "System.Net.Http.HttpClient",
        ];
        var used = MembersUsedBy(Mathematics);
        Assert.Empty(used.Select(member => member.Type).Intersect(impure));
        // Iterators ask which thread they are on; nothing else of the environment is known.
        Assert.Equal(
            ["get_CurrentManagedThreadId"],
            used.Where(member => member.Type == "System.Environment").Select(member => member.Member).Distinct());
    }

    [Fact]
    public void The_mathematics_has_no_static_state() =>
        Assert.Empty(
            from type in Mathematics.GetTypes()
            from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            where !field.IsLiteral && !field.IsInitOnly && !type.IsDefined(typeof(CompilerGeneratedAttribute)) && !type.Name.Contains('<')
            select $"{type}.{field.Name}");

    [Fact]
    public void Unions_are_closed_and_their_cases_sealed()
    {
        var records = Mathematics.GetTypes().Where(type => type.IsClass && type.GetMethod("<Clone>$") is not null).ToArray();
        Assert.NotEmpty(records);
        Assert.Empty(
            records.Where(record => record.IsAbstract ? Openings(record).Any() : !record.IsSealed).Select(record => record.FullName));
    }

    [Fact]
    public void Every_public_type_and_member_says_what_it_is()
    {
        foreach (var assembly in (Assembly[])[Mathematics, Model])
        {
            var exported = assembly.GetExportedTypes().Select(type => type.FullName!.Replace('+', '.')).ToHashSet();
            var pages = Path.ChangeExtension(assembly.Location, ".xml");
            Assert.True(File.Exists(pages), $"{pages} is not there: dotnet build of the solution writes it");
            var documented = XDocument.Load(pages).Descendants("member")
                .ToDictionary(member => member.Attribute("name")!.Value);
            Assert.All(exported, type => Assert.Contains($"T:{type}", documented.Keys));
            // That public members are there at all is the compiler's to say; that they say something is ours.
            Assert.Empty(
                from member in documented
                where member.Value.Elements("summary").Any(text => string.IsNullOrWhiteSpace(text.Value))
                select member.Key);
        }
    }

    [Fact]
    public void The_mathematics_takes_no_bare_truth_values_and_at_most_five_parameters()
    {
        var members =
            from type in Mathematics.GetExportedTypes()
            from member in type.GetMembers(Declared).OfType<MethodBase>()
            where !member.IsDefined(typeof(CompilerGeneratedAttribute)) && !member.IsSpecialName | member.IsConstructor
            select (Name: $"{type.Name}.{member.Name}", Parameters: member.GetParameters());
        Assert.Empty(members.Where(member => member.Parameters.Length > 5).Select(member => member.Name));
        Assert.Empty(
            from member in members
            where member.Parameters.Any(parameter => parameter.ParameterType == typeof(bool))
            select member.Name);
    }

    [Theory]
    [InlineData("Diffusion.Math")]
    [InlineData("Diffusion.Model")]
    public void A_file_is_named_after_a_type_in_it_and_a_folder_after_its_namespace(string project)
    {
        foreach (var file in Sources(project))
        {
            var (text, name) = (File.ReadAllText(file), Path.GetFileName(file).Split('.')[0]);
            Assert.True(Declaration().Matches(text).Any(match => match.Groups["name"].Value == name), $"{file} declares no {name}.");
            var folder = Path.GetRelativePath(Path.Combine(Repository.Root, project), Path.GetDirectoryName(file)!);
            var space = $"namespace {project}.{folder.Replace(Path.DirectorySeparatorChar, '.')};";
            Assert.True(folder == "." || text.Contains(space, StringComparison.Ordinal), $"{file} does not say {space}");
        }
    }

    [Theory]
    [InlineData("Diffusion.Math")]
    [InlineData("Diffusion.Model")]
    [InlineData("Diffusion.Host")]
    public void Imports_between_the_folders_of_a_project_form_no_circle(string project) =>
        Assert.Equal("", string.Join(" -> ", FolderImports.CycleIn(FolderImports.Of(project, Sources(project)))));

    [Fact]
    public void A_circle_of_imports_is_found_and_named_with_a_file_for_every_import()
    {
        Import[] imports = [new("A", "B", "a.cs"), new("B", "C", "b.cs"), new("C", "B", "c.cs"), new("C", "D", "c.cs")];
        Assert.Equal(["B", "C (b.cs)", "B (c.cs)"], FolderImports.CycleIn(imports));
        Assert.Empty(FolderImports.CycleIn(imports.Where(import => import.From != "C")));
    }

    [Fact]
    public void No_file_of_the_mathematics_is_longer_than_200_lines() =>
        Assert.All(Sources("Diffusion.Math"), file => Assert.True(File.ReadLines(file).Count() <= 200, file));

    [Theory]
    [InlineData("Diffusion.Math")]
    [InlineData("Diffusion.Model")]
    [InlineData("Diffusion.Host")]
    [InlineData("Diffusion.Specs")]
    public void Lines_stay_within_the_140_columns_of_the_editorconfig(string project)
    {
        Assert.Contains("max_line_length = 140", File.ReadLines(Path.Combine(Repository.Root, ".editorconfig")));
        Assert.Empty(
            from file in Sources(project)
            from line in File.ReadLines(file).Index()
            where line.Item.EnumerateRunes().Count() > 140
            select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}");
    }

    // Constructors that a type elsewhere could derive through; the one that copies is of no use for that.
    private static IEnumerable<ConstructorInfo> Openings(Type record) =>
        record.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(constructor => !constructor.IsPrivate && !constructor.IsFamilyAndAssembly && !constructor.IsAssembly)
            .Where(constructor => !constructor.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual([record]));

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Root, project, $"{project}.csproj")).Descendants(kind)
            .Select(item => item.Attribute("Include")!.Value);

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin"));

    private static (string Type, string Member)[] MembersUsedBy(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return
        [
            .. from handle in metadata.MemberReferences
               let member = metadata.GetMemberReference(handle)
               where member.Parent.Kind == HandleKind.TypeReference
               let type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent)
               select ($"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}", metadata.GetString(member.Name)),
        ];
    }

    [GeneratedRegex(@"\b(record struct|record|class|struct|interface|enum|delegate \S+) (?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();
}

namespace Diffusion.Specs.Reference;

public sealed class FormulaSpecs
{
    [Fact]
    public void The_key_is_hashed_by_Fnv_1a() => Assert.Equal(0xaf63dc4c8601ec8cUL, Formula.Hash("a"));

    [Fact]
    public void The_numbers_are_those_of_splitmix64()
    {
        Assert.Equal(0xc3817c016ba4ff30UL, Formula.Bits("", 0));
        Assert.Equal(0x100cdaacc0bc9316UL, Formula.Bits("", 1));
    }
}

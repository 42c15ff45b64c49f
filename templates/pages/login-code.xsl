<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<div class="narrow">
<h1>Enter the code</h1>
<xsl:apply-templates select="login-code/error" mode="form"><xsl:with-param name="prefix">login</xsl:with-param><xsl:with-param name="heading">h2</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="login-code/@retry-after"/>
<xsl:apply-templates select="login-code"/>
</div>
</xsl:template>

<xsl:template match="@retry-after"><p>You can try again in <strong id="login-retry-after"><xsl:value-of select="."/></strong> seconds.</p></xsl:template>

<xsl:template match="login-code">
<p class="lead">The password is right. This account has a second factor.</p>
<form id="login-code-form" class="panel" method="post" action="/login/code">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:apply-templates select="@next"/>
<p class="field"><label for="login-code">Code</label>
<input id="login-code" name="login[code]" type="text" autocomplete="one-time-code" spellcheck="false" autocapitalize="none" required="required" autofocus="autofocus"><xsl:call-template name="described"><xsl:with-param name="field">code</xsl:with-param><xsl:with-param name="hint">login-code-hint</xsl:with-param><xsl:with-param name="prefix">login</xsl:with-param></xsl:call-template></input>
<span class="hint" id="login-code-hint">The six digits that your authenticator shows, or one of your recovery codes.</span></p>
<p class="actions"><button type="submit">Go on</button><xsl:text> </xsl:text><a class="button quiet" href="/login">Begin again</a></p>
</form>
</xsl:template>

<xsl:template match="@next"><input type="hidden" name="next" value="{.}"/></xsl:template>
</xsl:stylesheet>
